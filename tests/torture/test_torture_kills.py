"""A thousand runs killed at random, over both providers, while replies are lost. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crash_course import LOST, in_step
from figures import NAME, limited
from kills import Arena, Killer
from stable import stable

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLS = 1_000


def test_a_thousand_kills_buy_nothing_twice_and_lose_nothing(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    with limited(2_400), launched("--speed", "100", "--latency", "1") as levers, stable() as warm:
        levers.faults(*LOST, seed=11)
        tally = Killer(Arena(tmp_path, levers, in_step(levers), warm), seed=11).kill(KILLS)
        lost = sum(levers.fired()[:2])
    record_property(NAME, f"{tally}, {lost} replies lost")
    assert tally.kills >= KILLS
    assert tally.faults == []
    assert tally.billed == tally.expected
    assert lost > tally.billed // 20
