"""Runs killed at random over both providers, while replies are lost: the small form of the torture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from crash_course import LOST, PACE, in_step
from figures import NAME
from kills import Arena, Killer
from stable import stable

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("seed", [1])
def test_kills_at_random_buy_nothing_twice_and_lose_nothing(
    tmp_path: Path, record_property: Callable[[str, Any], None], seed: int
) -> None:
    with launched(*PACE, "--latency", "1") as levers, stable() as warm:
        levers.faults(*LOST, seed=seed)
        arena = Arena(tmp_path, levers, in_step(levers), warm)
        tally = Killer(arena, seed=seed, each=4, at_once=2).kill(6)
    record_property(NAME, str(tally))
    assert tally.faults == []
    assert tally.billed == tally.expected
