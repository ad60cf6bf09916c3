"""Two hundred runs stopped by a person at random moments. `make torture`."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from crash_course import LATE, in_step
from figures import NAME, limited
from interrupts import GRACE, Presses, pressed
from kills import Arena
from stable import stable

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RUNS = 200
_POINTS = ("submit-before-billing", "submit-after-billing")


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with limited(1_800), launched("--speed", "100", "--latency", "30") as levers, stable() as warm:
        yield Arena(tmp_path, levers, in_step(levers), warm)


def test_what_is_listed_after_a_stop_is_what_runs_and_resume_buys_nothing(
    arena: Arena, record_property: Callable[[str, Any], None]
) -> None:
    late = [{"point": p, "match": {"probability": 0.2}, "fault": {"delay": LATE}} for p in _POINTS]
    arena.levers.faults(*late, seed=5)
    presses = Presses()
    for number in range(RUNS):
        pressed(arena, number, 5, 1.5, presses)
    record_property(NAME, str(presses))
    assert presses.faults == []
    assert presses.interrupted > RUNS // 2
    assert presses.running > RUNS // 4
    assert presses.slow < GRACE  # an answer that is late is waited for; none is waited out


@pytest.mark.parametrize("provider", ["runware", "wavespeed"])
def test_a_submit_that_is_not_answered_holds_a_stop_up_for_so_long_only(
    arena: Arena, record_property: Callable[[str, Any], None], provider: str
) -> None:
    never = {"point": _POINTS[1], "provider": provider, "fault": {"delay": {"seconds": 9_000}}}
    arena.levers.faults({**never, "times": 1})
    course = arena.course(provider)
    horse = arena.stable.begin(course.words, course.environ, course.said)
    while not arena.levers.fired()[0]:
        assert not horse.wait(0.05)
    began = time.monotonic()
    horse.signal(signal.SIGINT)
    assert horse.wait(60)
    took = time.monotonic() - began
    record_property(NAME, f"{provider}: {took:.1f} s with a submit that is not answered")
    assert took < GRACE
    assert horse.status == 130
    arena.levers.faults()
    assert arena.ended(course) == 1
    assert course.faults() == []
