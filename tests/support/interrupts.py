"""Runs that a person stops at random: what is listed then, what resume does, what is bought after."""

from __future__ import annotations

import json
import random
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kinoform.stores.ledger import SqliteLedger

if TYPE_CHECKING:
    from crash_course import Course
    from kills import Arena

GRACE = 12.0  # real seconds to the end of a run that waits for the answer to a submit
_LONGEST = 60.0


@dataclass
class Presses:
    """What came of them. `slow` is how long the slowest took to end, in real seconds."""

    runs: int = 0
    interrupted: int = 0
    running: int = 0  # tasks that were listed as running
    slow: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.interrupted} interrupted, {self.running} tasks listed as"
            f" running, slowest end {self.slow:.2f} s, faults {len(self.faults)}"
        )


def pressed(arena: Arena, number: int, seed: int, longest: float, presses: Presses) -> None:
    """Stop one run of a new project after a random time, then see it through."""
    chance = random.Random(f"{seed} {number}")
    course = arena.course(f"i{number}")
    horse = arena.stable.begin(course.words, course.environ, course.said)
    horse.wait(chance.uniform(0, longest))
    began = time.monotonic()
    horse.signal(signal.SIGINT)
    faults = [] if horse.wait(_LONGEST) else ["it does not stop"]
    took = time.monotonic() - began
    faults += [f"exit {horse.status}"] if horse.status not in (0, 130) else []
    if (course.home / "ledger.sqlite").exists():
        faults += _listed(arena, course, presses)
        faults += _resumed(arena, course)
    arena.ended(course)
    faults += course.faults()
    bought = course.bills()
    arena.ended(course)
    faults += ["another run bought more"] if course.bills() != bought else []
    presses.runs += 1
    presses.interrupted += horse.status == 130
    presses.slow = max(presses.slow, took)
    presses.faults += [f"{course.folder}: {fault}" for fault in faults]


def _listed(arena: Arena, course: Course, presses: Presses) -> list[str]:
    """What is listed must be what the provider has and we have not."""
    told = json.loads(_said(arena, course, "pending", str(course.root), "--json"))
    listed = {task["task"] for task in told["tasks"]}
    presses.running += len(listed)
    with SqliteLedger(course.home / "ledger.sqlite", read_only=True) as ledger:
        done = {task.task for task in ledger.tasks() if task.state == "done"}
    theirs = course.billed() - done
    return [] if listed == theirs else [f"listed {listed}, the provider has {theirs}"]


def _resumed(arena: Arena, course: Course) -> list[str]:
    """It ends what is under way, and buys nothing."""
    before = course.bills()
    _said(arena, course, "resume", str(course.root))
    again = _said(arena, course, "resume", str(course.root))
    bought = ["resume bought something"] if course.bills() != before else []
    return bought + ([] if "nothing is under way" in again else [f"resume left: {again}"])


def _said(arena: Arena, course: Course, *words: str) -> str:
    out = course.folder / "one.txt"
    out.unlink(missing_ok=True)
    horse = arena.stable.begin(words, course.environ, out)
    assert horse.wait(_LONGEST), words
    return out.read_text(encoding="utf-8")
