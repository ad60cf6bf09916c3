"""Differences of two texts in words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.words import changed_words, short


def test_only_the_words_that_changed_are_said_with_two_around_them() -> None:
    old = "Mara climbs the iron stair with a brass lamp in her hand"
    new = "Mara climbs the iron stair with a paper lantern in her hand"
    assert changed_words(old, new) == (
        "… with a brass lamp in her …",
        "… with a paper lantern in her …",
    )


def test_words_added_at_the_end_are_said() -> None:
    assert changed_words("a lamp", "a lamp at night") == ("a lamp", "a lamp at night")


@given(st.text(), st.integers(5, 60))
def test_a_short_text_fits_on_its_line(text: str, limit: int) -> None:
    assert len(short(text, limit)) <= limit
    assert "\n" not in short(text, limit)
