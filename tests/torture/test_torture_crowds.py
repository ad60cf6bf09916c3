"""Processes that run the same at once, spend under one ceiling, or share an account from afar."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from crash_course import in_step
from crowds import fan, from_two_machines, on_one_budget, together
from figures import NAME, limited
from kills import Arena
from stable import stable

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROUNDS, BUDGETS = 10, 200


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with limited(1_800), launched("--speed", "20", "--latency", "10") as levers, stable() as warm:
        yield Arena(tmp_path, levers, in_step(levers), warm)


def test_eight_processes_on_one_pipeline_buy_each_step_once(
    arena: Arena, record_property: Callable[[str, Any], None]
) -> None:
    crowds = [together(arena, f"c{n}", fan(10, "runware", "wavespeed"), 8) for n in range(ROUNDS)]
    faults = [fault for crowd in crowds for fault in crowd.faults]
    waited = [crowd.waited for crowd in crowds]
    statuses = Counter(status for crowd in crowds for status in crowd.statuses)
    said = f"{ROUNDS} rounds of 8 processes, 20 keys each: faults {len(faults)}, statuses"
    record_property(
        NAME, f"{said} {dict(statuses)}, processes that said for whom they wait {waited}"
    )
    assert faults == []
    assert set(statuses) == {0}
    assert min(waited) >= 7


def test_two_machines_with_one_account_pay_once_for_a_hundred_steps(
    arena: Arena, record_property: Callable[[str, Any], None]
) -> None:
    crowd = from_two_machines(arena, "far", fan(100, "runware"))
    record_property(NAME, f"100 steps, two homes: statuses {crowd.statuses}, {crowd.faults[:3]}")
    assert crowd.statuses == [0, 0]
    assert crowd.faults == []


def test_no_number_of_workers_and_processes_oversteps_a_ceiling(
    arena: Arena, record_property: Callable[[str, Any], None]
) -> None:
    shares = [Decimal(50 + number % 50) / 100 for number in range(BUDGETS // 2)]
    found = [on_one_budget(arena, f"b{n}", 32, share) for n, share in enumerate(shares)]
    over = sum((each.over for each in found), Decimal(0))
    left = max(each.most - each.spent for each in found)
    said = f"{BUDGETS} runs, 64 workers, 2 processes at a time: overshoot {over:.2f} USD"
    record_property(NAME, f"{said}, most left over {left} USD")
    assert over == 0
    assert left < Decimal("0.04")
    assert all(4 in each.statuses for each in found)
    assert all("above-budget" in each.said for each in found)
