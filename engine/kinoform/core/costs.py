"""What was meant to be spent, is held in reserve, was paid, and for what: folded from records.

Pure: exact decimals in USD; a day is what the caller says it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from kinoform.core.classes import dataclass
from kinoform.core.money import ZERO, amount_of
from kinoform.core.tasks import WASTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.core.tasks import Task
    from kinoform.core.types import Event

Day: TypeAlias = Callable[[float], str]
GROUPS: Final = ("step", "shot", "model", "day", "run", "cause", "project")
BOUGHT: Final = "bought"

# What became of a task; a code of the failure is said beside it.
_CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "done": BOUGHT,
        "intended": "under way",
        "running": "under way",
        "parked": "under way",
        "arrived": "under way",
        "unknown": "outcome unknown",
        "rejected": "refused",
        "refused": "refused",
        "partial": "partial results",
        "broken": "failed",
        "gone": "lost",
        "void": "never accepted",
    }
)
_CODED: Final = frozenset({"rejected", "refused", "partial", "broken", "gone"})


@dataclass(frozen=True, slots=True)
class Sums:
    """USD: what was estimated, is held, was paid; of that, what bought nothing (`wasted`).

    `assumed` is what of it nobody confirmed: the worst that it can have been. `refused` is the estimate
    of what was turned down and cost nothing. `tasks` and `refusals` are numbers of attempts; one that
    proved never to have been accepted is none.
    """

    tasks: int = 0
    refusals: int = 0
    estimate: Decimal = ZERO
    reserved: Decimal = ZERO
    paid: Decimal = ZERO
    assumed: Decimal = ZERO
    refused: Decimal = ZERO
    wasted: Decimal = ZERO

    def __add__(self, other: Sums) -> Sums:
        """Column by column."""
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


MONEY: Final = ("estimate", "reserved", "paid", "assumed", "refused", "wasted")


@dataclass(frozen=True, slots=True)
class Spent:
    """One attempt at one purchase: when it began (seconds since the epoch), for what, the sums."""

    at: float
    step: str
    shot: str
    model: str
    day: str
    run: str
    cause: str
    project: str
    sums: Sums


def of_task(task: Task, day: Day) -> Spent:
    """What one task came to."""
    step, _, shot = task.step.partition("@")
    return Spent(
        at=task.begun,
        step=step,
        shot=shot,
        model=task.model,
        day=day(task.begun),
        run=task.run,
        cause=_cause(task),
        project=task.project,
        sums=_sums(task),
    )


def _sums(task: Task) -> Sums:
    if task.state == "void":
        return Sums(paid=task.paid)
    free = task.state in ("rejected", "refused") and not task.paid
    return Sums(
        tasks=1,
        refusals=int(free),
        estimate=task.estimate,
        reserved=task.reserved,
        paid=task.paid,
        assumed=Decimal(str(task.data.get("assumed") or 0)),
        refused=task.estimate if free else ZERO,
        wasted=task.paid if task.state in WASTED else ZERO,
    )


def _cause(task: Task) -> str:
    code = str(task.data.get("code") or "")
    if task.state in _CODED and code:  # alone it may be a number that tells nobody anything
        return f"{_CAUSES[task.state]} ({code})"
    if task.state == "settled":
        return f"settled: {task.data.get('how') or 'by hand'}"
    return _CAUSES[task.state]


def alone(event: Event) -> bool:
    """Whether this is a purchase of ours that no task tells of."""
    data = event.data
    return (
        event.kind == "result"
        and data.get("kind") == "hosted"
        and not data.get("intent")
        and data.get("origin", "made") == "made"
    )


def of_result(event: Event, day: Day) -> Spent:
    """What such a purchase came to: paid, and estimated at just that."""
    step, _, shot = event.step.partition("@")
    paid = amount_of(event.data.get("paid", "0")) or ZERO
    return Spent(
        at=event.at,
        step=step,
        shot=shot,
        model=str(event.data.get("op", "")),
        day=day(event.at),
        run=event.run,
        cause=BOUGHT,
        project=event.project,
        sums=Sums(tasks=1, estimate=paid, paid=paid),
    )


def grouped(spent: Iterable[Spent], by: str) -> dict[str, Sums]:
    """The sums of each group (`by` is one of GROUPS), in order of first appearance."""
    rows: dict[str, Sums] = {}
    of = attrgetter(by)
    for each in spent:
        rows[of(each)] = rows.get(of(each), Sums()) + each.sums
    return {name: sums for name, sums in rows.items() if sums != Sums()}


def total(spent: Iterable[Spent]) -> Sums:
    """All of it."""
    return sum((each.sums for each in spent), Sums())


def wasted(spent: Sequence[Spent]) -> dict[str, Decimal]:
    """What was paid for nothing, by cause; the most first."""
    rows = grouped(spent, "cause")
    found = ((cause, sums.wasted) for cause, sums in rows.items() if sums.wasted)
    return dict(sorted(found, key=lambda row: -row[1]))
