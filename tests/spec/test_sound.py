"""What is right at sight is right for the schema library too, and nearly all that is right is seen."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from drawn_requests import HOSTED, POOLS, SEEDS, requests, write
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shipped_models import model, shipped

from kinoform.core.types import Late, Ref
from kinoform.spec.jsonschemas import faults, validator
from kinoform.spec.judge import law
from kinoform.spec.sound import sound


def agree(schema: Any, value: Any) -> bool:
    return not sound(schema, value) or not list(faults(validator(schema), value))


@pytest.mark.parametrize("name", HOSTED)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_what_is_sound_at_sight_has_no_faults(name: str, data: st.DataObject) -> None:
    assert agree(law(model(name)).wire, data.draw(requests(name)))


@pytest.mark.parametrize("name", list(shipped()))
def test_every_single_value_of_every_field_is_told_alike(name: str) -> None:
    base = model(name).document["examples"][0]["request"]
    for steps, value in POOLS[name]:
        request = copy.deepcopy(base)
        write(request, steps, value)
        assert agree(law(model(name)).wire, request), (steps, value)


@pytest.mark.parametrize("name", list(shipped()))
def test_the_examples_of_a_model_are_right_at_sight(name: str) -> None:
    schema = law(model(name)).step
    for each in model(name).document["examples"]:
        request = {key: value for key, value in each["request"].items() if key != "taskUUID"}
        assert sound(schema, request), each["title"]


@pytest.mark.parametrize("name", list(shipped()))
def test_what_a_file_refuses_is_told_alike(name: str) -> None:
    for text in SEEDS[name]:
        assert agree(law(model(name)).wire, json.loads(text)), text[:200]


WORDS: dict[str, list[Any]] = {
    "type": ["string", "integer", "number", "boolean", "array", "object", "null"],
    "const": [1, 1.0, True, "a", None],
    "enum": [[1, "a"], [True, None], [0, 2.0]],
    "minimum": [1], "maximum": [1], "exclusiveMinimum": [1], "exclusiveMaximum": [1],
    "multipleOf": [2, 0.1], "minLength": [1], "maxLength": [1], "minItems": [1], "maxItems": [1],
    "required": [["a"]], "additionalProperties": [False, True], "pattern": ["a"],
    "uniqueItems": [True],
}  # fmt: skip
FLAT = st.fixed_dictionaries({}, optional={w: st.sampled_from(each) for w, each in WORDS.items()})
SCHEMAS = st.recursive(
    st.booleans() | FLAT,
    lambda inner: st.builds(
        lambda flat, more: flat | more,
        FLAT,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.fixed_dictionaries({}, optional={"a": inner, "b": inner}),
                "items": inner,
                "not": inner,
                **{word: st.lists(inner, min_size=1, max_size=2) for word in ("allOf", "anyOf", "oneOf")},
                **dict.fromkeys(("if", "then", "else"), inner),
            },
        ),
    ),
    max_leaves=5,
)  # fmt: skip
LEAVES = st.sampled_from(
    [None, True, False, 0, 1, 2, 1.0, 2.5, "", "a", "ab", Ref("x"), Late((), lambda _facts: 1)]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=500, deadline=None)
@given(SCHEMAS.filter(lambda schema: isinstance(schema, dict)), VALUES)
@example({"items": False}, [Ref("x")])
def test_any_schema_of_these_words_is_told_alike(schema: Any, value: Any) -> None:
    assert agree(schema, value)
