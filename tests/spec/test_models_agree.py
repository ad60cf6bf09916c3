"""A second opinion: another JSON Schema engine and our judge agree on every request.

`make torture` asks both about ten thousand requests for each hosted model.
"""

from __future__ import annotations

import copy
import json
from decimal import Decimal

import jsonschema_rs
import pytest
from drawn_requests import HOSTED, OTHERS, POOLS, SEEDS, agreed, ours, requests, write
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped_models import model, shipped

from kinoform.spec.jsonschemas import faults, validator


@pytest.mark.parametrize("name", HOSTED)
@settings(max_examples=300)
@given(data=st.data())
def test_the_other_engine_agrees_on_changed_requests(name: str, data: st.DataObject) -> None:
    assert agreed(name, data.draw(requests(name)))


@pytest.mark.parametrize("name", list(shipped()))
def test_the_other_engine_agrees_on_every_single_value_of_every_field(name: str) -> None:
    base = model(name).document["examples"][0]["request"]
    for steps, value in POOLS[name]:
        request = copy.deepcopy(base)
        write(request, steps, value)
        assert agreed(name, request), (steps, value)


@pytest.mark.parametrize("name", list(shipped()))
def test_the_other_engine_agrees_on_what_the_file_refuses_and_allows(name: str) -> None:
    for text in SEEDS[name]:
        request = json.loads(text)
        assert ours(name, request) == OTHERS[name].is_valid(request), text[:200]


@settings(max_examples=300)
@given(
    step=st.sampled_from(["1", "0.5", "0.1", "0.01", "0.25", "0.3", "3"]),
    count=st.integers(-200_000, 200_000),
    off=st.booleans(),
)
def test_steps_are_counted_in_decimals_by_both(step: str, count: int, *, off: bool) -> None:
    """What a person writes is a decimal: 0.3 is three steps of 0.1, and 0.35 is none."""
    whole = Decimal(step) * count + (Decimal(step) / 2 if off else 0)
    schema, number = {"multipleOf": json.loads(step)}, json.loads(str(whole))
    assert (not list(faults(validator(schema), number))) is not off
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(number) is not off
