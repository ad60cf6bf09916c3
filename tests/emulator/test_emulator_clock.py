"""The emulator's clock: speed, jumps, and sleepers that notice both."""

from __future__ import annotations

import asyncio

import pytest

from kinoform.emulator.clock import Time


def test_it_begins_where_it_is_told_and_runs_as_fast_as_it_is_told() -> None:
    time = Time(speed=1_000_000, start=1000.0)
    first = time.now()
    assert first >= 1000.0
    while time.now() < first + 1000:
        pass


def test_a_jump_moves_it_either_way() -> None:
    time = Time(start=0.0)
    time.jump(500)
    assert 500 <= time.now() < 560
    time.jump(-400)
    assert 100 <= time.now() < 160


def test_a_sleeper_wakes_at_a_jump_over_its_time() -> None:
    async def story() -> float:
        time = Time(start=0.0)
        sleeper = asyncio.ensure_future(time.sleep(1_000_000))
        await asyncio.sleep(0)
        time.jump(999_000)
        await asyncio.sleep(0)
        assert not sleeper.done()
        time.jump(1_000)
        await asyncio.wait_for(sleeper, 20)
        return time.now()

    assert asyncio.run(story()) >= 1_000_000


def test_a_fast_clock_makes_short_work_of_a_long_sleep() -> None:
    time = Time(speed=1_000_000)
    asyncio.run(asyncio.wait_for(time.sleep(86_400), 20))


@pytest.mark.parametrize("seconds", [0, -5])
def test_no_time_is_no_wait(seconds: float) -> None:
    asyncio.run(asyncio.wait_for(Time(start=0.0).sleep(seconds), 20))
