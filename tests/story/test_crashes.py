"""Crashes, crowds and stops over both providers: the small form of what `make torture` does at length."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from crash_course import ALONE, LATE, PACE, in_step
from crowds import fan, from_two_machines, on_one_budget, together
from hurried import KILL
from interrupts import Presses, pressed
from kills import Arena
from stable import stable

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crash_course import Course

POINTS = 4  # that part a run evenly; at its very end nothing is left to go wrong


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    with launched(*PACE, "--latency", "5") as levers, stable() as warm:
        yield Arena(tmp_path_factory.mktemp("arena"), levers, in_step(levers), warm)


@pytest.mark.parametrize("provider", sorted(ALONE))
def test_a_run_killed_at_calls_all_along_it_goes_on_each_time(arena: Arena, provider: str) -> None:
    course = arena.course(provider, ALONE[provider])
    assert arena.stable.begin(course.words, {**course.environ, KILL: "0"}, course.said).wait(60)
    calls = int((course.folder / "calls").read_text(encoding="ascii"))
    assert calls > 100
    for number in (calls * part // (POINTS + 1) for part in range(1, POINTS + 1)):
        struck = _killed(arena, provider, number)
        assert arena.ended(struck) == 1
        assert struck.faults() == []


def _killed(arena: Arena, provider: str, number: int) -> Course:
    """A run that was killed before this call of it, or sooner: one that asks less often makes fewer."""
    struck = arena.course(f"{provider}-{number}", ALONE[provider])
    environ = {**struck.environ, KILL: str(number)}
    horse = arena.stable.begin(struck.words, environ, struck.said)
    assert horse.wait(60)
    if horse.status == 0 and number > 50:
        return _killed(arena, provider, number * 2 // 3)
    assert horse.status == -9
    return struck


def test_four_processes_on_one_pipeline_buy_each_step_once(arena: Arena, tmp_path: Path) -> None:
    with launched(*PACE, "--latency", "5") as levers:
        apart = Arena(tmp_path, levers, in_step(levers), arena.stable)
        crowd = together(apart, "crowd", fan(4, "runware", "wavespeed"), 4)
    assert crowd.faults == []
    assert set(crowd.statuses) == {0}
    assert crowd.waited >= 3


def test_two_machines_with_one_account_pay_once(arena: Arena) -> None:
    crowd = from_two_machines(arena, "far", fan(10, "runware"))
    assert crowd.statuses == [0, 0]
    assert crowd.faults == []


@pytest.mark.parametrize("share", ["0.5", "0.8"])
def test_two_runs_at_once_stay_under_one_ceiling(arena: Arena, share: str) -> None:
    found = on_one_budget(arena, f"budget{share}", 16, Decimal(share))
    assert found.over == 0
    assert found.most - found.spent < Decimal("0.04")
    assert 4 in found.statuses
    assert "above-budget" in found.said


def test_what_is_listed_after_a_stop_is_what_runs_and_resume_buys_nothing(arena: Arena) -> None:
    late = {"point": "submit-after-billing", "match": {"every": 3}, "fault": {"delay": LATE}}
    arena.levers.faults(late)
    presses = Presses()
    for number in range(3):
        pressed(arena, number, 3, 1.2, presses)
    arena.levers.faults()
    assert presses.faults == []
