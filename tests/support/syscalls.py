"""Runs of the program whose system calls are numbered and struck by number, with strace.

One thread does all the work there, so that the n-th call of a kind is the same one each time.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hurried import INLINE
from kills import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crash_course import Course, Film
    from kills import Arena

STRACE = shutil.which("strace") or ""
# What makes bytes last, gives files their names, or speaks to somebody.
DURABLE = (
    "fdatasync", "fsync", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
    "ftruncate", "connect", "sendto", "sendmsg", "write", "writev",
)  # fmt: skip
WRITES = ("fdatasync", "fsync", "pwrite64", "write", "ftruncate", "linkat", "rename")
_CALL = re.compile(r"(?:\d+ +)?(\w+)\(")
_SUBMIT = re.compile(r"sendto\(.*(imageInference|POST /api/v3/kwaivgi)")
_LIMIT = 120.0  # real seconds for one run


class Point(NamedTuple):
    """The n-th call of a kind, and what it gets: `signal=SIGKILL`, `error=EIO`; `on` for all later."""

    call: str
    number: int
    blow: str
    on: str = ""

    def __str__(self) -> str:
        return f"{self.call}-{self.number}-{self.blow.partition('=')[2]}{'-on' * bool(self.on)}"


@dataclass
class Sweep:
    """What came of striking a run at many points."""

    points: int = 0
    hit: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    stopped: int = 0
    later: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Sweep) -> None:
        """What came of more points."""
        self.points += other.points
        self.hit += other.hit
        self.statuses += other.statuses
        self.stopped += other.stopped
        self.later += other.later
        self.faults += other.faults

    def __str__(self) -> str:
        return (
            f"{self.points} points, {self.hit} struck, statuses {dict(self.statuses)},"
            f" faults {len(self.faults)}; {self.stopped} struck the ledger, {self.later} submits after"
        )


def traced(course: Course, *options: str) -> subprocess.CompletedProcess[str]:
    """One run of a project below strace; its outputs go where those of its other runs go."""
    argv = [STRACE, "-f", *options, sys.executable, "-m", "hurried", *course.words]
    more = {INLINE: "1", "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        argv,
        env={**course.environ, **more},
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    with course.said.open("a", encoding="utf-8") as said:
        said.write(ran.stdout + ran.stderr)
    return ran


def points(arena: Arena, film: Film, calls: Sequence[str], *blows: tuple[str, str]) -> list[Point]:
    """Every call of these kinds in a whole run of a film, with each of the blows."""
    course = arena.course("counted", film)
    log = course.folder / "calls"
    ran = traced(course, "-o", str(log), "-e", f"trace={','.join(calls)}")
    assert ran.returncode == 0, course.talk()
    found = map(_CALL.match, log.read_text(encoding="utf-8", errors="replace").splitlines())
    many = Counter(match[1] for match in found if match)
    numbers = [(call, n) for call in calls for n in range(1, many[call] + 1)]
    return [Point(call, n, *blow) for blow in blows for call, n in numbers]


def swept(arena: Arena, film: Film, strikes: Sequence[Point], at_once: int = 2) -> Sweep:
    """A project for each point: struck there, then run to its end."""
    whole = Sweep()
    with ThreadPoolExecutor(at_once) as pool:
        for each in pool.map(lambda point: _strike(arena, film, point), strikes):
            whole.add(each)
    return whole


def _strike(arena: Arena, film: Film, point: Point) -> Sweep:
    course = arena.course(str(point), film)
    log = course.folder / "calls"
    blow = f"inject={point.call}:{point.blow}:when={point.number}{point.on}"
    seen = ("-y", "-s", "400", "-e", f"trace={point.call},sendto")
    status = traced(course, "-o", str(log), *seen, "-e", blow).returncode
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    first = next((n for n, line in enumerate(lines) if _is_hit(line)), None)
    faults = course.unheard() if (course.home / "ledger.sqlite").exists() else []
    runs = arena.ended(course)
    faults += [*course.faults(), *(["it never ends"] if runs == NEVER else [])]
    found = [f"{course.folder}: {fault}" for fault in faults]
    sweep = Sweep(1, int(first is not None), Counter([status]), faults=found)
    if first is not None and "ledger.sqlite" in lines[first] and "EIO" in point.blow:
        sweep.stopped = 1
        sweep.later = sum(bool(_SUBMIT.search(line)) for line in lines[first:])
    return sweep


def _is_hit(line: str) -> bool:
    return "INJECTED" in line or "killed by SIGKILL" in line
