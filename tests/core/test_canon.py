"""Equal data gives equal bytes, and nothing else does."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.canon import digest_of, dumps, hexdigest, joined, members, plain

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_canonical_text_reads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(dumps(value)) == value


@given(
    st.recursive(PLAIN | st.integers().map(float), lambda inner: st.lists(inner) | st.tuples(inner))
)
def test_every_integral_float_is_written_as_an_integer(value: Any) -> None:
    assert dumps(value) == dumps(plain(value))


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        PLAIN | st.integers().map(float),
        max_size=6,
    )
)
def test_an_object_is_what_its_members_are_one_by_one(value: dict[str, Any]) -> None:
    assert joined(members(value)) == dumps(value)


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(), max_size=6)
)
def test_the_order_of_keys_does_not_count(value: dict[str, int]) -> None:
    assert hexdigest(dict(reversed(value.items()))) == hexdigest(value)


def test_one_and_one_point_zero_are_one_number() -> None:
    assert dumps([1.0, 2.5, -0.0]) == "[1,2.5,0]"
    assert dumps(3.0) == "3"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dumps({"seconds": value})


def test_text_and_number_have_different_digests() -> None:
    assert hexdigest({"duration": "5"}) != hexdigest({"duration": 5})


def test_a_digest_names_its_algorithm() -> None:
    assert (
        digest_of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
