"""Five hundred submits to WaveSpeed that nobody answered, alone and among strangers. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ambiguous import ambiguous
from figures import NAME, limited
from virtual_time import START

from kinoform.views import pending

if TYPE_CHECKING:
    from collections.abc import Callable

SUBMITS = 500


def test_five_hundred_of_ours_alone_end_by_themselves(
    record_property: Callable[[str, Any], None],
) -> None:
    with limited(120):
        found = ambiguous(SUBMITS, seed=3)
    record_property(NAME, f"ours alone: {found}")
    assert (found.twice, found.wrong) == (0, ())
    assert found.settled >= 0.99


def test_five_hundred_among_strangers_are_never_bought_twice(
    record_property: Callable[[str, Any], None],
) -> None:
    with limited(240):
        found = ambiguous(SUBMITS, seed=4, strangers=1200)
    told = pending.document(found.unknown, START, "")["tasks"]
    listed = sum(bool(each["window"] and each["candidates"]) for each in told)
    record_property(
        NAME, f"among strangers: {found}, {listed} of them listed, {len(found.wrong)} not ours"
    )
    assert found.twice == 0
    assert listed == len(found.unknown) > 0
