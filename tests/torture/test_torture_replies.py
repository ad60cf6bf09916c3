"""Fifty thousand broken replies, at every stage and through whole purchases; as many broken answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from broken_answers import read
from figures import NAME, limited
from mutated_replies import advanced, driven

if TYPE_CHECKING:
    from collections.abc import Callable

ALONE, WHOLE, ANSWERS = 40_000, 10_000, 50_000


def test_no_reply_breaks_a_provider_or_the_record(
    record_property: Callable[[str, Any], None],
) -> None:
    with limited(300):
        moves, ends = advanced(ALONE, seed=3), driven(WHOLE, seed=4)
    told = ", ".join(f"{state} {count}" for state, count in sorted(ends.items()))
    record_property(
        NAME,
        f"{moves.total() + WHOLE} broken replies: 0 exceptions, 0 illegal moves; tasks: {told}",
    )
    assert moves.total() == ALONE


def test_no_broken_answer_is_read_otherwise_than_by_a_second_reader(
    record_property: Callable[[str, Any], None],
) -> None:
    with limited(300):
        seen = read(ANSWERS, seed=5)
    told = ", ".join(f"{what} {count}" for what, count in sorted(seen.items()))
    record_property(NAME, f"{ANSWERS} broken HTTP answers beside h11, each cut three ways: {told}")
    assert seen.total() == ANSWERS
