"""Fifty thousand broken replies, at every stage and through whole purchases. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from figures import NAME, limited
from mutated_replies import advanced, driven

if TYPE_CHECKING:
    from collections.abc import Callable

ALONE, WHOLE = 40_000, 10_000


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
