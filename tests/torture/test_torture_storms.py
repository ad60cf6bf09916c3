"""A thousand tasks of two processes through a minute of 429, at each provider. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from figures import NAME, limited
from storms import excess, weathered

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS, STORM = 1_000, 60.0


@pytest.mark.parametrize("provider", ["runware", "wavespeed"])
def test_a_thousand_tasks_come_through_a_storm(
    provider: str, record_property: Callable[[str, Any], None]
) -> None:
    with limited(300):
        storm = weathered(provider, TASKS, STORM)
    record_property(
        NAME,
        f"{provider}: {storm.done} of {TASKS} done, {storm.requests} requests,"
        f" {len(storm.refused)} of them refused: {excess(storm):.4f} x needed",
    )
    assert storm.done == TASKS
    assert excess(storm) <= 1.15
