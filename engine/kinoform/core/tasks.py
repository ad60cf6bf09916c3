"""Hosted tasks: how far each attempt to buy something has come, as the fold of its events.

A task begins with an intent that holds its price in reserve, and ends in a state that settles the
money. Pure: knows no provider, no clock and no SQL.
"""

from __future__ import annotations

from dataclasses import field
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from kinoform.core.classes import dataclass
from kinoform.core.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.core.types import Event

TaskState = Literal[
    "intended", "unknown", "running", "parked", "arrived",
    "done", "partial", "refused", "rejected", "broken", "void", "gone", "settled",
]  # fmt: skip

# state -> kind of event -> next state; what is not here is illegal, and is not written.
MOVES: Final[Mapping[str, Mapping[str, TaskState]]] = MappingProxyType(
    {
        "": {"intent": "intended"},
        "intended": {
            "ack": "running",
            "rejected": "rejected",
            "refused": "refused",
            "unknown": "unknown",
            "void": "void",
        },
        "unknown": {
            "ack": "running",
            "rejected": "rejected",
            "refused": "refused",
            "unknown": "unknown",
            "void": "void",
            "settle": "settled",
        },
        "running": {
            "sample": "arrived",
            "refused": "refused",
            "broken": "broken",
            "parked": "parked",
            "gone": "gone",
        },
        "parked": {
            "sample": "arrived",
            "refused": "refused",
            "broken": "broken",
            "parked": "parked",
            "gone": "gone",
            "settle": "settled",
        },
        "arrived": {
            "sample": "arrived",
            "result": "done",
            "partial": "partial",
            "parked": "parked",
            "gone": "gone",
            "settle": "settled",
        },
        "gone": {"sample": "arrived", "settle": "settled"},
    }
)
KINDS: Final = frozenset(kind for row in MOVES.values() for kind in row)

# Open: the provider may have or get work of ours. Their reserves count against every cap.
OPEN: Final = frozenset({"intended", "unknown", "running", "parked", "arrived"})
# Over without a result, and not begun again by itself.
STANDING: Final = frozenset({"refused", "partial", "gone"})
# What was paid in these states bought nothing that is held whole.
WASTED: Final = frozenset({"partial", "refused", "broken", "gone", "settled"})

NANO: Final = Decimal("0.000000001")  # USD, the grain of sums in the ledger


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt to buy one action.

    `id` is the intent's (16 hex digits); `task` is the provider's id, empty while unknown.
    `reserved` is USD held while open, rounded up to the grain of sums, else 0; `estimate` what the
    intent said; `paid` is USD.
    `begun` and `moved` are seconds since the epoch. `data` is what the intent wrote down, with the
    latest `cursor`, `samples` and `why` of later events laid over it.
    """

    id: str
    key: str
    step: str
    take: int
    project: str
    run: str
    provider: str
    model: str
    state: TaskState
    epoch: int = 0
    task: str = ""
    estimate: Decimal = ZERO
    reserved: Decimal = ZERO
    paid: Decimal = ZERO
    begun: float = 0.0
    moved: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the provider may still have or get work of ours."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling in USD for everything of one `scope`: `run`, `project` or `user`.

    `name` is the run's id or the project; `said` is where the ceiling comes from (`--max-cost`).
    """

    scope: Literal["run", "project", "user"]
    name: str
    most: Decimal
    said: str

    def covers(self, task: Task) -> bool:
        """Whether what a task takes counts against it."""
        return self.name == {"run": task.run, "project": task.project, "user": ""}[self.scope]


class IllegalMoveError(ValueError):
    """An event that its task's state does not allow."""


def is_task(event: Event) -> bool:
    """Whether this event moves a task: every kind but `result` does, and that one for hosted work."""
    return event.kind in KINDS and bool(event.data.get("intent"))


def advance(task: Task | None, event: Event) -> Task:
    """The task after one event of its own. Raises IllegalMoveError."""
    state = MOVES.get(task.state if task else "", {}).get(event.kind)
    if state is None:
        was = task.state if task else "not begun"
        raise IllegalMoveError(f"{event.kind} of {event.step}, whose task is {was}")
    if task is None:
        return _begun(event, state)
    said = event.data
    over = {name: value for name, value in said.items() if name in _LAID_OVER}
    # Field by field: `replace` asks each time anew which fields there are, which takes longer.
    return Task(
        id=task.id,
        key=task.key,
        step=task.step,
        take=task.take,
        project=task.project,
        run=task.run,
        provider=task.provider,
        model=task.model,
        state=state,
        epoch=task.epoch,
        task=str(said.get("task") or task.task),
        estimate=task.estimate,
        reserved=task.reserved if state in OPEN else ZERO,
        paid=task.paid + Decimal(str(said["paid"])) if "paid" in said else task.paid,
        begun=task.begun,
        moved=event.at,
        data={**task.data, **over} if over else task.data,
    )


_LAID_OVER: Final = frozenset(
    {"cursor", "samples", "stored", "why", "candidates", "code", "how", "offset", "assumed"}
)


def _begun(event: Event, state: TaskState) -> Task:
    data = event.data
    reserve = Decimal(str(data["reserve"]))
    return Task(
        id=str(data["intent"]),
        key=event.key,
        step=event.step,
        take=event.take,
        project=event.project,
        run=event.run,
        provider=str(data["provider"]),
        model=str(data["model"]),
        state=state,
        epoch=int(data["epoch"]),
        task=str(data.get("task", "")),
        estimate=reserve,
        reserved=reserve.quantize(NANO, ROUND_CEILING),
        begun=event.at,
        moved=event.at,
        data=dict(data),
    )


def fold_tasks(events: Iterable[Event]) -> dict[str, Task]:
    """Every task by intent id, in the order of their intents. Raises IllegalMoveError."""
    tasks: dict[str, Task] = {}
    for event in events:
        if is_task(event):
            name = str(event.data["intent"])
            tasks[name] = advance(tasks.get(name), event)
    return tasks


def next_epoch(tasks: Iterable[Task]) -> int:
    """The epoch of the next attempt at one key: the same after proof that nothing was accepted.

    `tasks` in the order of their intents: clocks jump.
    """
    attempts = list(tasks)
    if not attempts:
        return 0
    highest = max(task.epoch for task in attempts)
    last = [task for task in attempts if task.epoch == highest][-1]
    return highest + (last.state != "void")


def last_word(tasks: Iterable[Task]) -> Task | None:
    """What the attempts at one key, in order, come to: the open one, else the last that counts.

    An attempt that cost nothing and brought nothing does not take back what an earlier one said.
    """
    attempts = list(tasks)
    under_way = [task for task in attempts if task.is_open]
    counted = [task for task in attempts if task.state not in _EMPTY]
    return next(iter((*under_way, *reversed(counted))), None)


def held(tasks: Iterable[Task]) -> Sequence[Any]:
    """Records of the results that earlier attempts at one key brought, since it was last whole."""
    found: Sequence[Any] = ()
    for task in tasks:
        found = () if task.state == "done" else task.data.get("stored", found)
    return found


def by_key(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """The tasks by their keys, in the same order."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task.key, []).append(task)
    return found


def last_words(tasks: Iterable[Task]) -> dict[str, Task]:
    """The last words for many keys; keys of which nothing counts are left out."""
    words = {key: last_word(mine) for key, mine in by_key(tasks).items()}
    return {key: task for key, task in words.items() if task is not None}


_EMPTY: Final = frozenset({"void", "rejected", "broken"})


def overstepped(task: Task, caps: Iterable[Cap], spent: Mapping[Cap, Decimal]) -> Cap | None:
    """The first cap that the task's reserve would overstep, given what each has already taken."""
    for cap in caps:
        if cap.covers(task) and spent[cap] + task.reserved > cap.most:
            return cap
    return None
