"""What moved between two model files: every kind of change, and nothing where nothing moved."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from model_pages import DAY, PAGE_OF, report, text
from shipped_models import O1, O3, PRO, THREE, model, shipped

from kinoform.spec.moved import changes
from kinoform.spec.pages.compiler import compile_page


def plain(name: str) -> Any:
    return copy.deepcopy(dict(model(name).document))


@pytest.mark.parametrize("name", list(shipped()))
def test_a_file_does_not_differ_from_itself(name: str) -> None:
    assert changes(plain(name), plain(name)) == []


def moved(old: Any, new: Any) -> list[tuple[str, str, str, str]]:
    return [(each.kind, each.path, each.old, each.new) for each in changes(old, new)]


def test_each_kind_of_change_is_named() -> None:
    new = plain(O3)
    fields = new["request"]["properties"]
    fields["positivePrompt"]["maxLength"] = 3000
    fields["outputFormat"]["enum"] = ["JPG", "PNG", "AVIF"]
    fields["seed"] = {"type": "integer", "description": "Seed."}
    fields["outputQuality"]["default"] = 90
    del fields["ttl"]
    new["request"]["required"].remove("height")
    new["sizes"][0]["width"] = 1000
    new["price"]["rows"][0]["usd"] = "0.06"
    assert moved(plain(O3), new) == [
        ("value", "outputFormat", "WEBP", "AVIF"),
        ("default", "outputQuality", "95", "90"),
        ("parameter", "ttl", "integer", ""),
        ("limit", "positivePrompt maxLength", "2500", "3000"),
        ("parameter", "seed", "", "integer"),
        ("required", "height", "required", "optional"),
        ("size", "1K 1:1", "1024x1024", "1000x1024"),
        ("price", "4K", "0.056", "0.06"),
    ]


def test_rules_and_tables_are_compared_too() -> None:
    new = plain(PRO)
    gone = new["rules"].pop(0)
    new["portable"]["sound"] = {"to": "sound"}
    found = {(kind, path) for kind, path, _, _ in moved(plain(PRO), new)}
    assert found == {("rule", gone["id"]), ("portable", "sound")}


def test_the_order_of_the_members_of_a_row_does_not_count() -> None:
    new = plain(O3)
    size = new["portable"]["size"]
    new["portable"]["size"] = dict(reversed(size.items()))
    assert list(new["portable"]["size"]) != list(size)
    assert changes(plain(O3), new) == []


def test_wording_days_and_order_do_not_count() -> None:
    new = plain(THREE)
    new["request"]["properties"]["width"]["description"] = "How wide."
    new["request"]["required"].reverse()
    new["source"]["date"] = "2027-01-01"
    new["sizes"].reverse()
    assert moved(plain(THREE), new) == []


def test_one_price_edited_in_a_page_is_all_that_moves() -> None:
    page = text(PAGE_OF[O3])
    new = compile_page(page.replace("- **4K**: `$0.056`", "- **4K**: `$0.066`"), "2027-01-01")
    found = moved(report(PAGE_OF[O3]).document, new.document)
    assert found == [("price", "4K", "0.056", "0.066")]


def test_two_models_differ_where_their_pages_do() -> None:
    kinds = {
        kind for kind, *_ in moved(report(PAGE_OF[THREE]).document, report(PAGE_OF[O1]).document)
    }
    assert kinds == {"value", "limit"}
    assert compile_page(text(PAGE_OF[O1]), DAY).document == report(PAGE_OF[O1]).document
