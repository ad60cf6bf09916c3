"""Which objects of a store are worth keeping: what names them, what needs them, and how old they are.

Pure. Bytes that were paid for, or may have been, are never garbage unless a person says so by name.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kinoform.core.tasks import Task
    from kinoform.core.types import Event, Result

# What an object is, by the worthiest record that names it. `unknown` is named by none: perhaps by a
# ledger that is lost, so that it may have been paid for.
Sort: TypeAlias = Literal["paid", "unknown", "local", "draft", "input"]
_WORTH: Final[tuple[Sort, ...]] = ("paid", "local", "draft", "input")
COSTLY: Final = frozenset({"paid", "unknown"})
_SORTS: Final[Mapping[str, Sort]] = {"hosted": "paid", "local": "local", "draft": "draft"}
YOUNG: Final = 3600.0  # seconds
DAY: Final = 86_400.0
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")

Slot: TypeAlias = tuple[str, str, int]  # project, step, take


@dataclass(frozen=True, slots=True)
class Policy:
    """What may go: unreferenced for so many days; with `paid` also what cost money."""

    days: float = 30.0
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """One object: bytes, and when it was last written (seconds since the epoch)."""

    digest: str
    size: int
    at: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one object, and why. `steps` are those that made it, else those that read it."""

    thing: Thing
    sort: Sort
    goes: bool
    why: str
    steps: tuple[str, ...] = ()


@dataclass(slots=True)
class History:
    """What a ledger's events tell of keys: `heads` now, `used` when each was last current or made.

    `projects` gives every key that a project ever had.
    """

    keys: set[str] = field(default_factory=set)
    heads: dict[Slot, str] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    projects: dict[str, set[str]] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Take in one event, in order."""
        if event.kind not in ("result", "head"):
            return
        slot = (event.project, event.step, event.take)
        for key in (self.heads.get(slot, event.key), event.key):
            self.used[key] = max(event.at, self.used.get(key, 0.0))
        self.heads[slot] = event.key
        self.projects.setdefault(event.project, set()).add(event.key)
        if event.kind == "result":
            self.keys.add(event.key)


@dataclass(slots=True)
class Names:
    """What records say of digests: the worthiest sort, who made and read it, when last in use."""

    sorts: dict[str, Sort] = field(default_factory=dict)
    made: dict[str, dict[str, None]] = field(default_factory=dict)
    read: dict[str, dict[str, None]] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)

    def result(self, result: Result, used: float) -> None:
        """A recorded result: what it made, and what it read."""
        for blob in result.outputs:
            self._say(blob.digest, _SORTS[result.kind], result.step, used)
        for digest in mentioned(result.manifest):
            self._say(digest, "input", result.step, used)

    def task(self, task: Task) -> None:
        """An attempt to buy: what came of it was paid for; whatever else it names was sent."""
        for row in (*task.data.get("stored", ()), *task.data.get("held", ())):
            for digest in mentioned(row):
                self._say(digest, "paid", task.step, task.moved)
        for digest in mentioned(task.data):
            self._say(digest, "input", task.step, task.moved)

    def _say(self, digest: str, sort: Sort, step: str, used: float) -> None:
        known = self.sorts.get(digest, sort)
        self.sorts[digest] = min(known, sort, key=_WORTH.index)
        who = self.read if sort == "input" else self.made
        who.setdefault(digest, {})[step] = None
        self.used[digest] = max(used, self.used.get(digest, 0.0))

    def steps(self, digest: str) -> tuple[str, ...]:
        """Those that made it, else those that read it."""
        return tuple(self.made.get(digest) or self.read.get(digest) or ())


def mentioned(data: Any) -> Iterator[str]:
    """Every digest that stands somewhere in plain data, also within a text."""
    if isinstance(data, str):
        yield from _DIGEST.findall(data)
    elif isinstance(data, dict):
        for value in data.values():
            yield from mentioned(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from mentioned(value)


def judge(
    things: Iterable[Thing], names: Names, kept: Mapping[str, str], policy: Policy, now: float
) -> list[Fate]:
    """The fate of each object, in order; `kept` says of a digest why it must stay."""
    return [_judged(thing, names, kept, policy, now) for thing in things]


def _judged(
    thing: Thing, names: Names, kept: Mapping[str, str], policy: Policy, now: float
) -> Fate:
    sort = names.sorts.get(thing.digest, "unknown")
    idle = now - max(thing.at, names.used.get(thing.digest, 0.0))
    stays = _stays(thing, sort, kept, policy, now)
    if not stays and idle < policy.days * DAY:
        stays = f"in use less than {policy.days:g} days ago"
    why = stays or (f"not in use for {idle / DAY:.0f} days" if idle >= 2 * DAY else "not in use")
    return Fate(thing, sort, not stays, why, names.steps(thing.digest))


def _stays(thing: Thing, sort: Sort, kept: Mapping[str, str], policy: Policy, now: float) -> str:
    """Why it stays whatever its age, if it does."""
    if now - thing.at < YOUNG:
        return "younger than an hour"
    if thing.digest in kept:
        return kept[thing.digest]
    if sort in COSTLY and not policy.paid:
        return "paid for" if sort == "paid" else "no record names it: it may have been paid for"
    return ""


@dataclass(frozen=True, slots=True)
class Sum:
    """Objects of one sort that go, or stay, for one reason."""

    sort: Sort
    goes: bool
    why: str
    count: int
    size: int
    steps: tuple[str, ...]


def summed(fates: Iterable[Fate]) -> list[Sum]:
    """Fates by sort and reason; what goes first, the biggest first. Ages are said as the greatest."""
    groups: dict[tuple[Sort, bool, str], list[Fate]] = {}
    for fate in fates:
        groups.setdefault((fate.sort, fate.goes, "" if fate.goes else fate.why), []).append(fate)
    sums = [_sum(sort, goes, group) for (sort, goes, _), group in groups.items()]
    return sorted(sums, key=lambda each: (not each.goes, -each.size, each.sort, each.why))


def _sum(sort: Sort, goes: bool, group: list[Fate]) -> Sum:  # noqa: FBT001  (a column of the key)
    steps = Counter(step for fate in group for step in fate.steps)
    why = max((fate.why for fate in group), key=lambda text: (len(text), text))
    size = sum(fate.thing.size for fate in group)
    return Sum(sort, goes, why, len(group), size, tuple(steps))
