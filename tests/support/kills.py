"""Kills runs at random until enough have died, then lets each project end, and does the accounts."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crash_course import BOTH, Course

if TYPE_CHECKING:
    from pathlib import Path

    from crash_course import Film
    from hurried import Clock
    from stable import Stable

    from emulator import Levers

_LONGEST = 60.0  # real seconds that a run may take
_RUNS = 12  # runs that a project may take to its end once nobody strikes it
NEVER = 99


@dataclass(frozen=True, slots=True)
class Arena:
    """Where projects are struck, and seen through afterwards."""

    folder: Path
    levers: Levers
    clock: Clock
    stable: Stable

    def course(self, name: str, film: Film = BOTH) -> Course:
        """A new project of this name."""
        return Course(self.folder / name, self.levers, self.clock, film, name)

    def ended(self, course: Course) -> int:
        """How many runs it takes to the end, nobody doing anything between them."""
        for number in range(1, _RUNS + 1):
            horse = self.stable.begin(course.words, course.environ, course.said)
            if not horse.wait(_LONGEST):
                horse.signal(signal.SIGKILL)
                return NEVER
            if horse.status == 0:
                return number
        return NEVER


@dataclass
class Tally:
    """What came of it. `runs` counts the projects by the runs that they took at the end."""

    kills: int = 0
    projects: int = 0
    billed: int = 0
    expected: int = 0
    runs: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills of {self.projects} projects: billed {self.billed} of"
            f" {self.expected}, faults {len(self.faults)}, runs at the end {dict(self.runs)}"
        )


@dataclass(frozen=True, slots=True)
class Killer:
    """Kills runs of each project `each` times at most, after `longest` real seconds at most."""

    arena: Arena
    seed: int = 0
    longest: float = 1.2
    each: int = 12
    at_once: int = 3

    def kill(self, kills: int) -> Tally:
        """So many runs at least; every project is seen through."""
        tally, turn, number = Tally(), threading.Lock(), 0
        with ThreadPoolExecutor(self.at_once) as pool:
            while tally.kills < kills:
                numbers = range(number, number := number + self.at_once)
                list(pool.map(lambda each: self._project(each, tally, turn), numbers))
        return tally

    def _project(self, number: int, tally: Tally, turn: threading.Lock) -> None:
        chance = random.Random(f"{self.seed} {number}")
        course = self.arena.course(f"p{number}")
        died = 0
        for _ in range(self.each):
            if not self._killed(course, chance):
                break
            died += 1
        runs, faults = self.arena.ended(course), course.faults()
        with turn:
            tally.kills += died
            tally.projects += 1
            tally.runs[runs] += 1
            tally.billed += course.bills().total()
            tally.expected += sum(course.film.bought.values())
            tally.faults += [f"{course.folder}: {fault}" for fault in faults]

    def _killed(self, course: Course, chance: random.Random) -> bool:
        """Whether one run was killed after a random time; it may have come to its end before."""
        horse = self.arena.stable.begin(course.words, course.environ, course.said)
        if horse.wait(chance.uniform(0, self.longest)):
            return horse.status != 0
        horse.signal(signal.SIGKILL)
        assert horse.wait(_LONGEST), "a killed run lives on"
        return horse.status == -signal.SIGKILL
