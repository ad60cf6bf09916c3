"""WaveSpeed pages as text, and entries of its model list: rows, limits in prose, prices, the call."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from model_pages import DAY, PAGE_OF, compiled, report, text
from shipped_models import WAVE, nothing

from kinoform.core.errors import SpecError
from kinoform.spec.judge import judge_wire
from kinoform.spec.outputs import expects
from kinoform.spec.pages.compiler import compile_page
from kinoform.spec.price import price

LAMP, TORCH = "small/tin-lamp.txt", "small/entry.json"


def fields(name: str) -> Any:
    return compiled(name).document["request"]["properties"]


def cost(name: str, **request: Any) -> Decimal | None:
    model = compiled(name)
    return price(model, request, expects(model, request, nothing), nothing)


def test_rows_that_are_one_cell_short_keep_their_description() -> None:
    assert fields(LAMP)["image"]["description"] == "The first frame of the clip."
    assert fields(LAMP)["prompt"] == {
        "type": "string",
        "description": "What happens in the clip, in words.",
    }
    assert (
        fields(PAGE_OF[WAVE])["prompt"]["description"] == "The positive prompt for the generation."
    )


def test_a_row_whose_cells_cannot_be_told_apart_is_told() -> None:
    assert "row broken" in [note.says for note in report(LAMP).dropped]
    assert "broken" not in fields(LAMP)


def test_ranges_are_lists_or_two_numbers() -> None:
    assert fields(LAMP)["duration"]["enum"] == [5, 10]
    assert fields(LAMP)["strength"] | {"description": ""} == {
        "type": "number", "minimum": 0, "maximum": 1, "default": 0.5, "description": "",
    }  # fmt: skip


def test_values_that_only_a_description_lists_as_options_are_taken() -> None:
    assert fields(LAMP)["mood"]["enum"] == ["calm", "bright", "stormy"]


def test_limits_of_lists_stand_in_prose() -> None:
    assert fields(LAMP)["images"]["maxItems"] == 4
    assert fields(PAGE_OF[WAVE])["images"]["maxItems"] == 10


def test_items_and_types_that_are_not_printed_are_told() -> None:
    said = "\n".join(report(LAMP).decide)
    assert "items of `glow_list`" in said
    assert "type of `tint`" in said
    assert "items" not in fields(LAMP)["glow_list"]


def test_a_sentence_about_a_value_there_is_not_is_dropped() -> None:
    (note,) = [n for n in report(PAGE_OF[WAVE]).dropped if n.says.startswith("num_images")]
    assert note.why == "the table offers no such value"
    (note,) = [n for n in report(LAMP).dropped if n.says.startswith("glow_list")]
    assert "a person" in note.why


def test_notes_are_read_as_sentences_and_others_kept() -> None:
    assert [rule["id"] for rule in report(LAMP).document["rules"]] == ["end-image-without-voice"]
    assert report(LAMP).unknown == ("Lamps are billed when they are lit.", "Be kind to lamps.")


def test_a_price_table_prices_by_its_columns_and_by_defaults() -> None:
    assert cost(LAMP, image="a", resolution="480p", duration=10) == Decimal("0.5")
    assert cost(LAMP, image="a", resolution="480p") == Decimal("0.25")
    assert cost(LAMP, image="a", duration=10) == Decimal("0.8")
    assert cost(LAMP, image="a") == Decimal("0.4")


def test_frames_have_portable_names() -> None:
    portable = compiled(LAMP).document["portable"]
    assert portable["first_frame"] == portable["image"] == {"to": "image"}
    assert portable["last_frame"] == {"to": "end_image"}


def test_the_id_is_the_path_of_the_call_and_its_body_an_example() -> None:
    document = compiled(LAMP).document
    assert document["id"] == "wavespeed/tin/lamp-pro/image-to-video"
    assert document["source"]["page"].endswith("/docs-api/tin/tin-lamp-pro-image-to-video")
    assert [example["request"]["duration"] for example in document["examples"]] == [5]


def test_an_entry_of_the_model_list_keeps_limits_and_order() -> None:
    known = fields(TORCH)
    assert list(known)[:5] == ["prompt", "images", "aspect_ratio", "resolution", "num_images"]
    assert known["num_images"]["maximum"] == 4
    assert known["seed"]["type"] == ["integer", "null"]
    assert known["sparks"]["items"]["additionalProperties"] is False
    assert not any(key.startswith("x-") for each in known.values() for key in each)


def test_an_entry_judges_and_prices_requests() -> None:
    model = compiled(TORCH)
    good = {"prompt": "a torch", "images": ["https://example.com/a.jpg"], "seed": None}
    assert judge_wire(model, good) == ()
    bad = {"images": [], "num_images": 5, "sparks": [{"id": "a", "hue": 1}], "guidance": 2}
    found = {(f.code, f.path) for f in judge_wire(model, bad)}
    assert found == {
        ("missing", "prompt"), ("too-few", "images"), ("too-large", "num_images"),
        ("unknown-parameter", "sparks.0.hue"), ("unknown-parameter", "guidance"),
    }  # fmt: skip
    assert cost(TORCH, prompt="a torch", num_images=3) == Decimal("0.12")


def entry(**changed: Any) -> str:
    return json.dumps({**json.loads(text(TORCH)), **changed})


def test_a_price_by_formula_is_not_computed_but_told() -> None:
    found = compile_page(entry(formula="num_images * 0.04"), DAY)
    assert found.document["price"]["rows"] == []
    assert "formula: num_images * 0.04" in [note.says for note in found.dropped]


def test_an_answer_with_one_entry_is_that_entry() -> None:
    whole = json.dumps({"code": 200, "data": [json.loads(text(TORCH))]})
    assert compile_page(whole, DAY).id == report(TORCH).id


@pytest.mark.parametrize(
    "broken",
    [
        entry(api_schema={}),
        entry(api_schema={"api_schemas": [{"type": "model_other"}]}),
        json.dumps([json.loads(text(TORCH))] * 2),
        text(TORCH)[:-20],
    ],
)
def test_what_is_no_single_entry_is_refused(broken: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_page(broken, DAY)
    assert [each.code for each in caught.value.problems] == ["bad-page"]


def test_a_page_without_its_table_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        compile_page(text(LAMP).replace("| Range |", "| Extent |"), DAY)
    assert [each.code for each in caught.value.problems] == ["bad-page"]
