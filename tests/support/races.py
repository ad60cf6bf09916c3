"""Whole commands timed beside each other in one run, and the rows that benches make of it.

The machines are noisy: a time means nothing alone, so everything is a ratio of medians that were taken
in turn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TURNS = 9
ROW = "row"  # of a recorded property
KINOFORM = str(Path(sys.executable).with_name("kinoform"))
EMPTY = (sys.executable, "-c", "pass")

Record: TypeAlias = "Callable[[str, Any], None]"


@dataclass(frozen=True, slots=True)
class Command:
    """Something to time: its words, the folder it runs in, what is done before each turn."""

    words: tuple[str, ...]
    folder: Path = Path()
    before: Callable[[], object] = lambda: None
    statuses: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: our figure and the peer's in one unit, and the ratio that is wanted.

    `goal` is the most that `ours / theirs` may be, or the least where `at_least`. Without a goal it
    is reported only.
    """

    row: str
    what: str
    ours: float
    theirs: float
    peer: str
    unit: str = "s"
    goal: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """How many times the peer's."""
        return self.ours / self.theirs if self.theirs else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal


def race(commands: Mapping[str, Command], home: Path, turns: int = TURNS) -> dict[str, float]:
    """Median seconds of each from spawn to reap, taken in turn, after one turn that is not counted."""
    environ = around(home)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(turns + 1):
        for name, command in commands.items():
            command.before()
            seconds = _seconds(command, environ)
            if turn:
                times[name].append(seconds)
    return {name: median(found) for name, found in times.items()}


def around(home: Path) -> dict[str, str]:
    """The environment of a user with this home: what a developer asks of Python slows every start."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**plain, "KINOFORM_HOME": str(home), "CI": "1"}


def _seconds(command: Command, environ: Mapping[str, str]) -> float:
    quiet = subprocess.DEVNULL
    started = time.perf_counter()
    done = subprocess.run(
        command.words, cwd=command.folder, env=environ, check=False, stdout=quiet, stderr=quiet
    )
    seconds = time.perf_counter() - started
    assert done.returncode in command.statuses, (command.words, done.returncode)
    return seconds


def tell(record: Record, row: Row) -> None:
    """Record a row, so that it stands in the table at the end."""
    record(ROW, json.dumps(asdict(row)))


def row_of(told: str) -> Row:
    """The row that was told so."""
    return Row(**json.loads(told))
