"""Several processes at once: on one project, on one budget, and from two machines with one key."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from crash_course import Course, Film

if TYPE_CHECKING:
    from collections.abc import Callable

    from kills import Arena
    from stable import Horse

PRICE = Decimal("0.028")  # of every picture below
_LONGEST = 240.0  # real seconds that a run may take
_PATIENCE = 60.0  # real seconds until all of a crowd have come
_HELD = 100_000.0  # seconds that a task takes in which nobody may come too late
_HEAD = """\
kinoform: 1
name: crowd
models: {one: runware/klingai:kling-image@o3, two: wavespeed/kwaivgi/kling-image-o3}
steps:
"""
_STEPS = {
    "runware": '  still: {uses: one, foreach: shots, with: {prompt: "{{ shot.does }}", size: "1K 1:1"}}\n',
    "wavespeed": '  paint: {uses: two, foreach: shots, with: {prompt: "{{ shot.does }}, in ink"}}\n',
}


def fan(many: int, *providers: str) -> Film:
    """So many pictures of each provider, all at once."""
    shots = ", ".join(f"s{n}: {{does: NAME thing {n}}}" for n in range(many))
    steps = "".join(_STEPS[provider] for provider in providers)
    bought = dict.fromkeys(providers, many)
    return Film(f"{_HEAD}{steps}shots: {{{shots}}}\n", bought, many * len(providers))


@dataclass
class Crowd:
    """How each process ended, and what is wrong."""

    statuses: list[int] = field(default_factory=list)
    waited: int = 0  # processes that said whom they wait for
    faults: list[str] = field(default_factory=list)


def together(arena: Arena, name: str, film: Film, many: int) -> Crowd:
    """So many processes run one project at once; no task ends before all but one wait for others.

    The emulator's clock jumps then, and is out of step with the arena's.
    """
    course = arena.course(name, film)
    begin = arena.stable.begin
    arena.levers.faults({"point": "task", "fault": {"delay": {"seconds": _HELD}}})
    horses = [begin(course.words, course.environ, course.folder / f"{n}") for n in range(many)]
    _until(lambda: _waiting(horses) >= many - 1)
    arena.levers.faults()
    arena.levers.jump(_HELD)
    crowd = Crowd(_ended(horses), _waiting(horses))
    for horse in horses:
        _note(course, horse.said.read_text(encoding="utf-8"))
    crowd.faults = [f"{course.folder}: {fault}" for fault in course.faults()]
    return crowd


def _waiting(horses: list[Horse]) -> int:
    """How many of them have said for whom they wait."""
    return sum("works on it" in horse.talk() for horse in horses)


def _until(fact: Callable[[], bool]) -> None:
    """Wait for it, and for no longer than it could take: who asks then sees that it is not so."""
    end = time.monotonic() + _PATIENCE
    while not fact() and time.monotonic() < end:
        time.sleep(0.01)


def from_two_machines(arena: Arena, name: str, film: Film) -> Crowd:
    """One account, two homes, two copies of the project: each gets everything, one of them pays."""
    ours = arena.course(name, film)
    theirs = Course(arena.folder / f"{name}-there", arena.levers, arena.clock, film, name)
    begin = arena.stable.begin
    horses = [begin(each.words, each.environ, each.said) for each in (ours, theirs)]
    crowd = Crowd(_ended(horses))
    for each in (ours, theirs):
        crowd.faults += [f"{each.folder}: {fault}" for fault in each.faults()]
    return crowd


@dataclass(frozen=True, slots=True)
class Spending:
    """What two runs spent under one ceiling (USD), and how they ended."""

    most: Decimal
    spent: Decimal
    statuses: tuple[int, ...]
    said: str

    @property
    def over(self) -> Decimal:
        """How far above the ceiling, in USD."""
        return max(Decimal(0), self.spent - self.most)


def on_one_budget(arena: Arena, name: str, many: int, share: Decimal) -> Spending:
    """Two projects of a user at once, each within `budget.total`, both together above it.

    `share` is the ceiling as a part of what both would cost; some cents that buy nothing are added.
    """
    film = fan(many, "runware")
    both = [arena.course(f"{name}-{side}", film) for side in ("left", "right")]
    most = (PRICE * many * 2 * share).quantize(PRICE) + Decimal("0.01")
    settings = (
        f"budget: {{total: {most}}}\nproviders: {{runware: {{at_once: 64, per_model: 64}}}}\n"
    )
    (both[0].folder / "config.yaml").write_text(settings, encoding="utf-8")
    user = {n: both[0].environ[n] for n in ("KINOFORM_HOME", "KINOFORM_CONFIG")}
    begin = arena.stable.begin
    horses = [begin(each.words, {**each.environ, **user}, each.said) for each in both]
    statuses = tuple(_ended(horses))
    bills = sum(each.bills().total() for each in both)
    return Spending(most, PRICE * bills, statuses, "".join(each.talk() for each in both))


def _ended(horses: list[Horse]) -> list[int]:
    for horse in horses:
        assert horse.wait(_LONGEST), "a run does not end"
    return [horse.status for horse in horses]


def _note(course: Course, talk: str) -> None:
    with course.said.open("a", encoding="utf-8") as said:
        said.write(talk)
