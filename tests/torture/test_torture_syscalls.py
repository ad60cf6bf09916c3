"""A run killed at every durable call and socket write, and a disk that fails at every write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from crash_course import ALONE, BOTH, in_step
from figures import NAME, limited
from kills import Arena
from stable import stable
from syscalls import DURABLE, STRACE, WRITES, points, swept

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not STRACE, reason="strace is not installed")
FULL, BROKEN = "error=ENOSPC", "error=EIO"


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with limited(3_000), launched("--speed", "100", "--latency", "1") as levers, stable() as warm:
        yield Arena(tmp_path, levers, in_step(levers), warm)


@pytest.mark.parametrize("provider", sorted(ALONE))
def test_a_run_killed_at_any_durable_call_or_socket_write_goes_on(
    arena: Arena, record_property: Callable[[str, Any], None], provider: str
) -> None:
    film = ALONE[provider]
    sweep = swept(arena, film, points(arena, film, DURABLE, ("signal=SIGKILL", "")))
    record_property(NAME, f"{provider}: {sweep}")
    assert sweep.faults == []
    # What is watched call by call is slow: more is written at once then, and the last points never come.
    assert sweep.hit > 0.9 * sweep.points


@pytest.mark.parametrize(("blow", "on"), [(BROKEN, ""), (BROKEN, "+"), (FULL, ""), (FULL, "+")])
def test_a_disk_that_fails_or_is_full_at_any_write_loses_nothing(
    arena: Arena, record_property: Callable[[str, Any], None], blow: str, on: str
) -> None:
    strikes = points(arena, BOTH, WRITES, (blow, on))
    sweep = swept(arena, BOTH, strikes)
    record_property(NAME, f"{blow}{on}: {sweep}")
    assert sweep.faults == []
    # What was recorded, and in the post when the disk failed, may leave: its intent is on the disk,
    # which is among the faults that are looked for.
    assert sweep.later <= sweep.stopped // 10
    assert set(sweep.statuses) <= {0, 1, 5, 120}  # 120: standard output itself could not be written
