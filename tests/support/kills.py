"""Kills runs at random until enough have died, then lets each project end, and does the accounts."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crash_course import BOUGHT, Course

if TYPE_CHECKING:
    from pathlib import Path

    from hurried import Clock
    from stable import Stable

    from emulator import Levers

_LONGEST = 60.0  # real seconds that a run may take
_RUNS = 12  # runs that a project may take to its end once nobody kills it


@dataclass
class Tally:
    """What came of it."""

    kills: int = 0
    projects: int = 0
    runs: Counter[int] = field(default_factory=Counter)
    billed: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def expected(self) -> int:
        return self.projects * sum(BOUGHT.values())

    def __str__(self) -> str:
        return (
            f"{self.kills} kills of {self.projects} projects: billed {self.billed} of"
            f" {self.expected}, faults {len(self.faults)}, runs needed at the end"
            f" {dict(sorted(self.runs.items()))}"
        )


@dataclass
class Arena:
    """Where it happens. `longest` is the most that a run lives, in real seconds."""

    folder: Path
    levers: Levers
    clock: Clock
    stable: Stable
    longest: float = 1.3
    each: int = 8
    at_once: int = 3
    seed: int = 0


def killed(arena: Arena, kills: int) -> Tally:
    """Kill so many runs, and see everything through."""
    tally, turn = Tally(), threading.Lock()

    def play(number: int) -> None:
        chance = random.Random(f"{arena.seed} {number}")
        course = Course(arena.folder / str(number), arena.levers, arena.clock, name=f"p{number}")
        died = sum(_killed(arena, course, chance) for _ in range(arena.each))
        runs = _ended(arena, course)
        bills, faults = course.bills(), course.faults()
        if bills != Counter(BOUGHT):
            faults.append(f"billed {dict(bills)}")
        with turn:
            tally.kills += died
            tally.projects += 1
            tally.runs[runs] += 1
            tally.billed += bills.total()
            tally.faults += [f"{course.folder}: {fault}" for fault in faults]

    with ThreadPoolExecutor(arena.at_once) as pool:
        number = 0
        while tally.kills < kills:
            list(pool.map(play, range(number, number + arena.at_once * 2)))
            number += arena.at_once * 2
    return tally


def _killed(arena: Arena, course: Course, chance: random.Random) -> int:
    """One run that is killed after a random time; 0 where it was over by then."""
    horse = arena.stable.begin(course.words, course.environ, course.said)
    if horse.wait(chance.uniform(0, arena.longest)):
        return 0
    horse.signal(signal.SIGKILL)
    assert horse.wait(_LONGEST), "a killed run lives on"
    return int(horse.status == -signal.SIGKILL)


def _ended(arena: Arena, course: Course) -> int:
    """How many runs it took to the end, nobody doing anything between them."""
    for number in range(1, _RUNS + 1):
        horse = arena.stable.begin(course.words, course.environ, course.said)
        if not horse.wait(_LONGEST):
            horse.signal(signal.SIGKILL)
            return 98
        if horse.status == 0:
            return number
    return 99
