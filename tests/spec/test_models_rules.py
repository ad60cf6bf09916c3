"""Kinds of rules that count across fields, which no schema can say, on models made for the test."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import pytest
from shipped_models import O3, PRO, changed, meta, model

from kinoform.core.types import Late, Ref
from kinoform.spec.catalog import load
from kinoform.spec.judge import judge
from kinoform.spec.rules import as_schema, check

LATER = Late((Ref("still"),), lambda _: 5)
TOKENS: dict[str, Any] = {
    "id": "names", "rule": "tokens", "severity": "warning", "path": "shots[*].prompt",
    "token": "<<<element_{n}>>>", "counts": "inputs.elements", "says": "a shot names elements",
}  # fmt: skip
PRODUCT: dict[str, Any] = {
    "id": "area", "rule": "product", "severity": "error", "paths": ["width", "height"],
    "min": 65536, "max": 8294400,
}  # fmt: skip
CONTAINS: dict[str, Any] = {
    "id": "first", "rule": "contains-unless", "severity": "error", "path": "inputs.frames",
    "field": "frame", "values": ["first", 0], "unless": ["width", {"path": "mode", "is": "free"}],
}  # fmt: skip


def compare(relation: str) -> dict[str, Any]:
    return {"id": "c", "rule": "compare", "severity": "error", "paths": ["start", "end"], "is": relation}  # fmt: skip


def broken(
    rule: dict[str, Any], request: dict[str, Any], **defaults: Any
) -> list[tuple[str, str, str]]:
    return [(f.code, f.path, f.seen) for f in check([rule], request, (), defaults)]


def test_a_product_outside_its_limits_shows_its_factors() -> None:
    assert broken(PRODUCT, {"width": 1920, "height": 1080}) == []
    assert broken(PRODUCT, {"width": 100, "height": 100}) == [
        ("product-out-of-range", "width, height", "100 x 100 is 10000")
    ]
    assert broken({**PRODUCT, "min": 0}, {"width": 8000, "height": 2000})
    assert broken(PRODUCT, {"width": 10}, height=10)


@pytest.mark.parametrize("side", [LATER, "10", True, None, float("nan"), float("inf")])
def test_numbers_that_are_none_yet_break_nothing(side: Any) -> None:
    assert broken(PRODUCT, {"width": side, "height": 1}) == []
    assert broken(PRODUCT, {"height": 1}) == []
    assert broken(compare("equal"), {"start": side, "end": 1}) == []
    assert broken(compare("equal"), {"end": 1}) == []


@pytest.mark.parametrize(
    ("relation", "right"),
    [("below", "<"), ("at-most", "<="), ("equal", "="), ("at-least", "=>"), ("above", ">")],
)
def test_two_numbers_stand_to_each_other_as_the_rule_says(relation: str, right: str) -> None:
    for sign, (start, end) in {"<": (1, 2.5), "=": (2, 2.0), ">": (3, 2)}.items():
        found = broken(compare(relation), {"start": start, "end": end})
        assert bool(found) == (sign not in right), (sign, relation)
    (only,) = broken(compare("above"), {"start": 1}, end=2.5)
    assert only == ("out-of-order", "start, end", "`start` is 1, `end` is 2.5")


def test_a_text_names_only_items_that_the_list_has() -> None:
    shots = [{"prompt": "<<<element_1>>> waits"}, {"prompt": "<<<element_3>>> and <<<element_2>>>"}]
    two = {"shots": shots, "inputs": {"elements": [{}, {}]}}
    assert broken(TOKENS, two) == [
        ("no-such-item", "shots.1.prompt, inputs.elements", "<<<element_3>>>, but `inputs.elements` has 2")
    ]  # fmt: skip
    none = broken(TOKENS, {"shots": shots[:1]})
    assert [seen for *_, seen in none] == ["<<<element_1>>>, but `inputs.elements` has none"]


@pytest.mark.parametrize(
    "text", ["<<<element_0>>>", "<<<element_999999999>>>", "<<<element_007>>>"]
)
def test_a_number_that_counts_nothing_is_no_item(text: str) -> None:
    assert broken(TOKENS, {"shots": [{"prompt": text}], "inputs": {"elements": [{}] * 3}})


@pytest.mark.parametrize(
    "text", ["<<<element_01>>>", "<<element_9>>", "<<<element_>>>", "element_9", LATER, 5, None]
)
def test_other_texts_name_nothing(text: Any) -> None:
    assert broken(TOKENS, {"shots": [{"prompt": text}], "inputs": {"elements": [{}]}}) == []


@pytest.mark.parametrize("items", [LATER, "x", 5, {}])
def test_a_list_that_is_none_counts_nothing(items: Any) -> None:
    request = {"shots": [{"prompt": "<<<element_9>>>"}], "inputs": {"elements": items}}
    assert broken(TOKENS, request) == []


@pytest.mark.parametrize(
    ("more", "frames", "fits"),
    [
        ({}, [{"frame": "last"}, {"frame": 0}], True),
        ({}, [{"frame": "last"}], False),
        ({}, [{}], False),
        ({}, [{"frame": False}], False),
        ({}, ["first"], False),
        ({}, [], False),
        ({"width": 5}, [{"frame": "last"}], True),
        ({"mode": "free"}, [], True),
        ({"mode": "bound"}, [], False),
    ],
)
def test_a_list_contains_an_item_unless_something_else_holds(
    more: dict[str, Any],
    frames: list[Any],
    fits: bool,  # noqa: FBT001  (a column of the table)
) -> None:
    request = {**more, "inputs": {"frames": frames}}
    assert (broken(CONTAINS, request) == []) == fits
    schema = as_schema(CONTAINS)
    assert schema
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(request) == fits
    assert broken(CONTAINS, {"inputs": {"frames": [{"frame": LATER}]}}) == []
    assert broken(CONTAINS, {"mode": LATER, "inputs": {"frames": []}}) == []
    assert broken(CONTAINS, {}) == []


@pytest.mark.parametrize("rule", [TOKENS, PRODUCT, CONTAINS, compare("below")])
def test_a_model_file_may_hold_each_of_them(rule: dict[str, Any]) -> None:
    document = {**copy.deepcopy(dict(model(O3).document)), "rules": [rule]}
    assert load(document, meta()).id == O3


def test_a_rule_of_the_file_is_judged_with_its_defaults() -> None:
    rules = [{**compare("above"), "paths": ["outputQuality", "numberResults"], "says": "more"}]
    request = {"positivePrompt": "a", "width": 1024, "height": 1024, "numberResults": 20}
    found = judge(changed(O3, rules=rules), {**request, "outputQuality": 20})
    assert [f.message for f in found] == ["more; `outputQuality` is 20, `numberResults` is 20"]
    assert judge(changed(O3, rules=rules), request) == ()


def test_a_prompt_that_names_no_element_only_warns() -> None:
    request = {"positivePrompt": "<<<element_2>>> turns", "width": 1920, "height": 1080}
    (finding,) = judge(model(PRO), {**request, "inputs": {"elements": [{"id": "mara"}]}})
    assert (finding.severity, finding.rule) == ("warning", "prompt-names-elements")
    assert finding.message == (
        "the prompt names elements by their order in `inputs.elements`; "
        "<<<element_2>>>, but `inputs.elements` has 1"
    )
