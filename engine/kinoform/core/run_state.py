"""The state of a run, folded from its events: where each take stands, what was paid, what was illegal.

Pure. `core.states` says which moves are legal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from kinoform.core.classes import dataclass
from kinoform.core.ledger import MONEY_KINDS
from kinoform.core.money import ZERO, amount_of
from kinoform.core.states import FIRST, MOVES, STEP_KINDS, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from kinoform.core.types import Event


class StepState(NamedTuple):
    """Where one take of one step stands: `started` and `at` (last move) in seconds since the epoch.

    `data` is what the last move said (a record, a failure); `key` is empty while unknown.
    """

    state: State
    key: str
    started: float | None
    at: float
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Illegal:
    """An event that the table of moves does not allow, or whose amount cannot be read."""

    event: Event
    state: State


@dataclass(frozen=True, slots=True)
class RunState:
    """What the events of one run add up to. `steps` goes by (step id, take).

    `paid` is USD: what results cost, and what was paid for tasks that ended without one.
    """

    run: str = ""
    started: float | None = None
    ended: float | None = None
    steps: Mapping[tuple[str, int], StepState] = field(default_factory=dict)
    counts: Mapping[State, int] = field(default_factory=dict)
    paid: Decimal = ZERO
    illegal: tuple[Illegal, ...] = ()


_Row: TypeAlias = list[Any]  # the fields of a StepState to be


class _Steps(Mapping[tuple[str, int], StepState]):
    """States, each made of its row when somebody looks at it: to make them all is half of a fold."""

    def __init__(self, rows: Mapping[tuple[str, int], _Row]) -> None:
        self._rows = rows

    def __getitem__(self, name: tuple[str, int]) -> StepState:
        return StepState._make(self._rows[name])

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class _Tally:
    """The running sums of `fold`: mutable, because a frozen state per event costs ten times more."""

    __slots__ = ("ended", "illegal", "paid", "rows", "run", "started")

    def __init__(self, run: str) -> None:
        self.run = run
        self.started: float | None = None
        self.ended: float | None = None
        self.rows: dict[tuple[str, int], _Row] = {}
        self.paid = ZERO
        self.illegal: list[Illegal] = []

    def add(self, events: Iterable[Event]) -> None:
        rows, known, moves = self.rows, self.rows.get, dict(MOVES)
        for event in events:
            name, kind, data = (event.step, event.take), event.kind, event.data
            row = known(name)
            state = row[0] if row else FIRST
            then = moves[state].get(kind)
            if then is None or data:  # a move that says nothing more is most of a journal
                self._weigh(event, state, then)
            if then is None:
                continue
            at = event.at
            if row is None:
                rows[name] = [then, event.key, at if kind == "started" else None, at, data]
                continue
            row[0], row[1], row[3], row[4] = then, event.key or row[1], at, data
            if kind == "started":
                row[2] = at

    def _weigh(self, event: Event, state: State, then: State | None) -> None:
        """What an event is beside a move: money, a move that is illegal, a run's own."""
        if event.kind in STEP_KINDS:
            # The money is counted even where the move is illegal: what was billed was billed.
            told = not event.data or self._pay(event, state)
            if told and then is None:
                self.illegal.append(Illegal(event, state))
        elif event.kind in MONEY_KINDS:
            self._pay(event, state)
        elif event.kind == "run-started":
            self.started = event.at
        elif event.kind == "run-ended":
            self.ended = event.at

    def _pay(self, event: Event, state: State) -> bool:
        """Count what an event paid; False, and flagged, when its amount cannot be read."""
        paid = amount_of(event.data.get("paid", "0")) if event.data else ZERO
        self.paid += paid or ZERO
        if paid is None:
            self.illegal.append(Illegal(event, state))
        return paid is not None

    def close(self) -> RunState:
        return RunState(
            run=self.run,
            started=self.started,
            ended=self.ended,
            steps=_Steps(self.rows),
            counts=Counter(map(itemgetter(0), self.rows.values())),
            paid=self.paid,
            illegal=tuple(self.illegal),
        )


def fold(events: Iterable[Event]) -> RunState:
    """The state that the events of one run lead to; illegal moves are flagged, and change nothing.

    Kinds that this version does not know are passed over.
    """
    told = tuple(events)
    tally = _Tally(next((event.run for event in told), ""))
    tally.add(told)
    return tally.close()
