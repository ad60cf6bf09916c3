"""A thousand tasks, bought by two processes of one account, with or without a storm of 429."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cloud import Cloud
from mortals import Disk
from virtual_time import START, VirtualClock, virtually
from workshop import Process, Terms, action, populate

if TYPE_CHECKING:
    from virtual_time import VirtualLoop

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Weather:
    """What came of it: tasks that ended well, requests, those answered 429 by time, the seconds."""

    tasks: int
    done: int
    requests: int
    refused: tuple[float, ...]
    seconds: float


def weathered(provider: str, tasks: int, storm: float) -> Weather:
    """Buy so many, half by each process, while every submit is refused for the first seconds."""

    async def play(loop: VirtualLoop) -> Weather:
        populate(loop)
        with TemporaryDirectory() as folder:
            cloud = Cloud(VirtualClock(loop))
            cloud.busy_until = START + storm
            disk, terms = Disk(Path(folder)), Terms(at_once=AT_ONCE)
            both = [Process(disk, cloud, terms, f"process {number}") for number in (1, 2)]
            halves = [_bought(each, provider, range(n, tasks, 2)) for n, each in enumerate(both)]
            done = sum(await asyncio.gather(*halves))
            refused = tuple(at - START for at, _, status in cloud.asked if status == 429)
            return Weather(tasks, done, len(cloud.asked), refused, loop.time())

    return virtually(play)


def excess(weather: Weather) -> float:
    """All requests as a multiple of those that were needed."""
    return weather.requests / (weather.requests - len(weather.refused))


async def _bought(process: Process, provider: str, numbers: range) -> int:
    """Half of what the account may have under way."""
    room = asyncio.Semaphore(AT_ONCE // 2)

    async def one(number: int) -> bool:
        async with room:
            return await process.buy(action(provider, f"picture {number}")) is not None

    return sum(await asyncio.gather(*map(one, numbers)))
