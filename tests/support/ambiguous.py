"""Submits to the modelled WaveSpeed of which nobody knows whether they were accepted, by the hundred."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from cloud import AMBIGUOUS, Bought, Cloud
from mortals import Disk
from virtual_time import VirtualClock, VirtualLoop, virtually
from workshop import Process, Terms, action, populate

from kinoform.core.errors import KinoformError, Problem

if TYPE_CHECKING:
    from kinoform.core.tasks import Task
    from kinoform.core.types import Result

MODELS: Final = tuple(
    f"wavespeed/kwaivgi/kling-{name}" for name in ("image-o3", "image-v3", "video-o3-pro")
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of `submits` ambiguous ones; `unknown` are tasks that wait for a person."""

    submits: int
    kinds: Counter[str]
    unknown: tuple[Task, ...]
    bought: tuple[Bought, ...]
    problems: tuple[Problem, ...] = ()
    wrong: tuple[str, ...] = field(default=())

    @property
    def settled(self) -> float:
        """The share that ended by itself."""
        return 1 - len(self.unknown) / self.submits

    @property
    def twice(self) -> int:
        """Purchases of one thing beyond the first."""
        ours = Counter(each.prompt for each in self.bought if each.mark is not None)
        return sum(times - 1 for times in ours.values())

    def __str__(self) -> str:
        return (
            f"{self.submits} ambiguous submits: {self.twice} duplicates, adopted"
            f" {self.kinds['adopted']}, void {self.kinds['void']}, unknown {len(self.unknown)}"
            f" ({self.settled:.1%} by themselves)"
        )


def ambiguous(submits: int, *, seed: int = 0, strangers: float = 0.0, models: int = 3) -> Outcome:
    """Buy until so many submits went unanswered. A stranger submits every `strangers` seconds."""

    async def play(loop: VirtualLoop) -> Outcome:
        with TemporaryDirectory() as folder:
            return await _Play(loop, Path(folder), seed).play(submits, strangers, models)

    return virtually(play)


class _Play:
    def __init__(self, loop: VirtualLoop, folder: Path, seed: int) -> None:
        populate(loop)
        self.chance = random.Random(seed)
        self.cloud = Cloud(VirtualClock(loop), lambda _provider, prompt: prompt)
        self.process = Process(Disk(folder), self.cloud, Terms(at_once=12))

    async def play(self, submits: int, strangers: float, models: int) -> Outcome:
        lost = [self.chance.choice(AMBIGUOUS) for _ in range(submits)]
        self.cloud.ways["submit"] = deque(lost)
        foreign = asyncio.create_task(self._strangers(strangers)) if strangers else None
        work = [asyncio.create_task(self._buy(MODELS[number])) for number in range(models)]
        problems = [problem for each in await asyncio.gather(*work) for problem in each]
        if foreign is not None:
            foreign.cancel()
        return self._outcome(submits, tuple(problems))

    async def _buy(self, model: str) -> list[Problem]:
        """One thing after the other while answers are lost, four at a time."""
        problems: list[Problem] = []
        number = 0
        while self.cloud.ways["submit"]:
            names = [f"{model} {number + each}" for each in range(4)]
            number += 4
            buys = [self.process.buy(action("wavespeed", name, model=model)) for name in names]
            ended: list[Result | BaseException | None] = list(
                await asyncio.gather(*buys, return_exceptions=True)
            )
            for each in ended:
                if isinstance(each, KinoformError):
                    problems += each.problems
                elif isinstance(each, BaseException):
                    raise each
        return problems

    async def _strangers(self, seconds: float) -> None:
        """Somebody else with the same key, at any of the models."""
        clock = self.cloud.clock
        while True:
            await clock.sleep(self.chance.expovariate(1 / seconds))
            model = self.chance.choice(MODELS).removeprefix("wavespeed/")
            name = f"{self.chance.getrandbits(128):032x}"
            self.cloud.accept(Bought(name, "wavespeed", "", model, 1, clock.now(), None))

    def _outcome(self, submits: int, problems: tuple[Problem, ...]) -> Outcome:
        tasks = self.process.ledger.tasks()
        kinds = Counter(task.state for task in tasks)
        mine = {each.id: each for each in self.cloud.bought}
        foreign = [t.step for t in tasks if t.task in mine and mine[t.task].mark != t.step]
        told = Counter[str](kinds)
        told["adopted"] = submits - kinds["void"] - kinds["unknown"]
        unknown = tuple(task for task in tasks if task.state == "unknown")
        return Outcome(submits, told, unknown, tuple(self.cloud.bought), problems, tuple(foreign))
