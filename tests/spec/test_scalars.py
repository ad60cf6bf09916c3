"""What bare words and CSV cells mean."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.spec.scalars import MAX_DIGITS, NumberError, cell, is_text, plain

TEXTS = [
    "16:9", "9:16", "1:30", "12:30:45", "010", "08", "00", "-010", "00.5", "NO", "no", "yes", "on", "off", "y",
    "2001-01-01", "2001-99-99", "1_000", "0x_", "0b11", "0o8", "1e", "e5", "--1", "+-1", ".", "-", "+", "1.2.3",
    "TrUe", "nULL", "none", "5s", "1 000", "٣", "inf", "nan", "-0x1f", "1,5", "0x", "0o",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_text(text: str) -> None:
    assert plain(text) == cell(text) == text
    assert is_text(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-0", 0), ("5", 5), ("+5", 5), ("-12", -12), ("0o17", 15), ("0x1f", 31), ("0xAB", 171),
        ("1.5", 1.5), ("1e5", 100000.0), ("1E-2", 0.01), (".5", 0.5), ("-.5", -0.5), ("5.", 5.0), ("0.0", 0.0),
        ("9007199254740993", 9007199254740993), ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)  # fmt: skip
def test_numbers_are_numbers_of_their_kind(text: str, value: float) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)
    assert cell(text) == value


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "false", "False", "FALSE"])
def test_true_and_false_are_truths(text: str) -> None:
    assert plain(text) is cell(text) is (text.lower() == "true")


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null_words_are_none_in_yaml_only(text: str) -> None:
    assert plain(text) is None
    assert cell(text) == (text or None)


@pytest.mark.parametrize(
    "text", [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1e999", "7" * 5000, "0x" + "f" * 400]
)
def test_numbers_that_no_request_can_carry_are_refused_and_stay_text_in_a_cell(text: str) -> None:
    with pytest.raises(NumberError):
        plain(text)
    assert cell(text) == text
    assert not is_text(text)


def test_a_cell_is_kept_to_the_last_blank() -> None:
    assert [cell(" 5"), cell("5 "), cell(" ")] == [" 5", "5 ", " "]


@given(st.text(max_size=30) | st.text(st.sampled_from("0123456789.-+eExo_:"), max_size=12))
def test_any_word_is_read_or_refused_and_any_cell_is_read(text: str) -> None:
    try:
        value = plain(text)
    except NumberError:
        value = None
    assert value is None or isinstance(value, str | int | float)
    assert not isinstance(value, float) or math.isfinite(value)
    assert value == text if isinstance(value, str) else True
    cell(text)


@given(st.integers(-(10**MAX_DIGITS) // 100, 10**MAX_DIGITS // 100))
def test_whole_numbers_are_exact(number: int) -> None:
    assert plain(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_as_they_print(number: float) -> None:
    assert plain(repr(number)) == number
