"""Tasks as rows and text, and which of several intents a ledger may take. Pure; knows no SQL.

Sums are whole nano-USD: exact in every database, and the same in all ledgers.
"""

from __future__ import annotations

import json
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from kinoform.core import canon
from kinoform.core.ledger import RecordError
from kinoform.core.tasks import NANO, IllegalMoveError, Task, advance, is_task, overstepped
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.core.tasks import Cap
    from kinoform.core.types import Event

Column: TypeAlias = str | int

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_MOST: Final = 10**15  # nano-USD of one task: thousands of them still fit into a sum of 64 bits
_MONEY: Final = ("estimate", "reserved", "paid")
_TIMES: Final = ("begun", "moved")

_AFTER_DATA: Final = tuple(sorted(set(Task.__slots__) - {"begun", "data"}))

_fixed: Final = attrgetter("id", "key", "project", "run", "provider", "model")
_after_data: Final = attrgetter(*_AFTER_DATA)


class Told(NamedTuple):
    """A task and the canonical text of its data, which is most of its row.

    `whole` is what its intent said, until something is laid over that; from then on `parts` are the
    texts by name, so that what stays is not written anew. Both are empty while they are not known.
    """

    task: Task
    whole: str = ""
    parts: Mapping[str, str] = _NOTHING

    @property
    def text(self) -> str:
        """All of it; empty while it is not known."""
        return self.whole or (canon.joined(self.parts) if self.parts else "")


@lru_cache(1024)  # the prices of a run are few
def nano(amount: Decimal) -> int:
    """USD as whole nano-USD, rounded up. Raises ValueError beyond 0 to 1,000,000 USD."""
    if not amount:
        return 0
    if not 0 <= amount <= _MOST * NANO:  # NaN raises InvalidOperation here
        raise ValueError(f"{amount} is no amount that a task can cost")
    return int(amount.quantize(NANO, ROUND_CEILING).scaleb(9))


def usd(amount: int) -> Decimal:
    """Nano-USD as USD."""
    return Decimal(amount).scaleb(-9)


def to_text(task: Task, data: str = "") -> str:
    """The task as canonical JSON; money as decimal text. The same text for the same fields.

    `data` is the canonical text of its data, where that is known already.
    """
    told = dict(zip(_AFTER_DATA, _after_data(task), strict=True))
    told |= {name: str(told[name]) for name in _MONEY} | {"moved": float(task.moved)}
    begun = canon.plain(float(task.begun))
    return f'{{"begun":{begun!r},"data":{data or canon.dumps(task.data)},{canon.dumps(told)[1:]}'


def from_text(text: str) -> Task:
    """The task that a text tells; what this version does not know is passed over.

    Raises RecordError.
    """
    try:
        told = json.loads(text)
        known: dict[str, Any] = {name: told[name] for name in Task.__slots__ if name in told}
        known |= {name: Decimal(known[name]) for name in _MONEY}
        known |= {name: float(known[name]) for name in _TIMES}
        return Task(**known)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise RecordError(f"a task cannot be read: {short(repr(error))}") from error


def fixed(task: Task) -> tuple[str, ...]:
    """The columns that its intent settles: id, key, project, run, provider, model."""
    columns: tuple[str, ...] = _fixed(task)
    return columns


def moving(task: Task, data: str = "") -> tuple[Column, ...]:
    """The columns that change: state, is_open, reserved, paid, record; `data` as in `to_text`."""
    record = to_text(task, data)
    return task.state, int(task.is_open), nano(task.reserved), nano(task.paid), record


def moved(
    events: Iterable[Event], known: Mapping[str, Task], crowd: Counter[str] | None
) -> dict[str, Task]:
    """The tasks that these events move, by id, as they are afterwards.

    `known` are those there are; `crowd` counts the open ones of a key, and None asks nothing about
    that. Raises IllegalMoveError, also for an intent whose key has an open task; ValueError for data
    that no task can have.
    """
    after: dict[str, Task] = {}
    for event in filter(is_task, events):
        name = str(event.data["intent"])
        before = after.get(name) or known.get(name)
        after[name] = _advanced(before, event)
        if crowd is None:
            continue
        if before is None and crowd[event.key]:
            raise IllegalMoveError(f"intent of {event.step}, of which a task is open already")
        crowd[event.key] += after[name].is_open - (before is not None and before.is_open)
    return after


def told(
    tasks: Mapping[str, Task], before: Mapping[str, Told], events: Iterable[tuple[Event, str]]
) -> dict[str, Told]:
    """The tasks with the text of their data, where it is that of their intent, or as it was before.

    `tasks` are those of `before` after the events, which come with their data as canonical text.
    """
    begun = {
        str(event.data["intent"]): text
        for event, text in events
        if event.kind == "intent" and is_task(event)
    }
    return {
        name: Told(task, begun[name])
        if task.state == "intended"
        else _laid_over(before.get(name) or Told(task), task)
        for name, task in tasks.items()
    }


def _laid_over(was: Told, task: Task) -> Told:
    data, old = task.data, was.task.data
    if data is old:
        return was._replace(task=task)
    fresh = {n: v for n, v in data.items() if n not in was.parts or v is not old[n]}
    return Told(task, "", {**was.parts, **canon.members(fresh)})


def sift(intents: Sequence[Event], spent: Mapping[Cap, int]) -> tuple[list[Event], dict[str, Cap]]:
    """The intents that fit under every cap, and for the others the cap that they would overstep.

    `spent` holds every cap, with the nano-USD that it has taken by now; each intent that fits takes
    its reserve from those after it. Raises ValueError for what is no intent.
    """
    taken = {cap: usd(amount) for cap, amount in spent.items()}
    fit, refused = [], {}
    for event in intents:
        if event.kind != "intent" or not is_task(event):
            raise ValueError(f"{short(event.kind)} of {event.step} is not an intent")
        task = _advanced(None, event)
        cap = overstepped(task, spent, taken)
        if cap is not None:
            refused[task.id] = cap
            continue
        fit.append(event)
        for cap in taken:
            if covers(cap, task):
                taken[cap] += task.reserved
    return fit, refused


def covers(cap: Cap, task: Task) -> bool:
    """Whether what the task takes counts under this cap."""
    return cap.scope == "user" or cap.name == {"run": task.run, "project": task.project}[cap.scope]


def named(caps: Iterable[Cap]) -> tuple[Cap, ...]:
    """The caps, each once. Raises ValueError for a name that would let a user's cap stop nobody."""
    told = tuple(dict.fromkeys(caps))
    for cap in told:
        if cap.scope == "user" and cap.name:
            raise ValueError(f"a cap for the user has no name, not {short(cap.name)!r}")
    return told


def _advanced(task: Task | None, event: Event) -> Task:
    """The task after the event, whose amounts can be summed."""
    if task is not None and event.key != task.key:
        raise IllegalMoveError(f"{event.kind} of {event.step} bears another key than its intent")
    try:
        after = advance(task, event)
        # Asked here, so that no row is begun for what cannot be summed.
        nano(after.paid if task else after.reserved)
    except IllegalMoveError:
        raise
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        said = short(repr(error))
        raise ValueError(f"{event.kind} of {event.step} cannot be read: {said}") from error
    return after
