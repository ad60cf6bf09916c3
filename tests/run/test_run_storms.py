"""A provider that wants no more for a while is left alone, by all processes of an account together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from storms import AT_ONCE, excess, weathered

TASKS = 200
STORM = 60.0


@pytest.mark.parametrize("provider", ["runware", "wavespeed"])
def test_a_storm_costs_few_requests_and_no_task(provider: str) -> None:
    calm, storm = weathered(provider, TASKS, 0), weathered(provider, TASKS, STORM)
    assert (calm.done, storm.done, calm.refused) == (TASKS, TASKS, ())
    assert excess(storm) <= 1.15
    assert len(storm.refused) <= 14


def test_two_processes_share_the_pause() -> None:
    refused = weathered("wavespeed", AT_ONCE, STORM).refused
    gaps = [later - at for at, later in pairwise(refused)]
    assert len(gaps) >= 3
    assert all(gap > 1 for gap in gaps)
