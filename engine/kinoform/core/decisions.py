"""Decisions kept in lots: those that say the same of alike steps stay together until one is looked at.

Of ten thousand decisions most share all but the step and the key. To count, price and tell them, lots are
enough: they are as many as there are kinds of fate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from decimal import Decimal
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, overload

from kinoform.core.canon import hexdigest
from kinoform.core.classes import dataclass
from kinoform.core.money import total
from kinoform.core.types import Decision, Price

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kinoform.core.errors import Problem
    from kinoform.core.manifests import Node
    from kinoform.core.types import Reason, Step, Verdict

ACTIVE: Final = ("run", "wait")  # verdicts that something is done for


@dataclass(frozen=True, slots=True)
class Lot:
    """Takes to which the same happens for the same reasons: row r is `nodes[r]`, in file order.

    `pattern` stands for what their steps share, `price` is that of each. A key is empty while unknown.
    """

    pattern: Step
    verdict: Verdict
    reasons: tuple[Reason, ...]
    price: Price | None
    nodes: Sequence[Node]
    ids: Sequence[str]
    keys: Sequence[str]

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def rows(self) -> Iterator[tuple[str, Node]]:
        """Id and node of each."""
        return zip(self.ids, self.nodes, strict=True)

    @property
    def is_active(self) -> bool:
        """Whether something is to be done."""
        return self.verdict in ACTIVE

    @property
    def cost(self) -> Price | None:
        """That of all together; None where it is not known."""
        one, times = self.price, len(self)
        if one is None or not one.worst:
            return one
        return Price(*(Decimal(times) * each for each in (one.floor, one.expected, one.worst)))

    def of(self, rows: Sequence[int]) -> Lot:
        """Some of them, in file order."""
        return replace(
            self,
            nodes=[self.nodes[row] for row in rows],
            ids=[self.ids[row] for row in rows],
            keys=[self.keys[row] for row in rows],
        )

    def decision(self, row: int) -> Decision:
        """One of them by itself."""
        take = self.nodes[row][1]
        return Decision(self.ids[row], take, self.verdict, self.reasons, self.price, self.keys[row])


class Decisions(Sequence[Decision]):
    """What is decided, in file order, one for each take; each is made when they are looked at."""

    __slots__ = ("_made", "lots")

    def __init__(self, lots: Iterable[Lot]) -> None:
        self.lots = tuple(lots)
        self._made: tuple[Decision, ...] = ()

    @property
    def active(self) -> Decisions:
        """Those that have something to do."""
        return Decisions(lot for lot in self.lots if lot.is_active)

    @property
    def price(self) -> Price:
        """The sum of what is known of their prices."""
        return total(lot.cost for lot in self.lots)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Ids of those whose price nobody knows."""
        return tuple(d.step for d in Decisions(lot for lot in self.lots if lot.price is None))

    def _all(self) -> tuple[Decision, ...]:
        if not self._made:
            rows = (
                (lot.nodes[row], lot.decision(row)) for lot in self.lots for row in range(len(lot))
            )
            self._made = tuple(decision for _, decision in sorted(rows, key=_place))
        return self._made

    @overload
    def __getitem__(self, place: int) -> Decision: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Decision]: ...
    def __getitem__(self, place: int | slice) -> Decision | Sequence[Decision]:
        return self._all()[place]

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._all())

    def __len__(self) -> int:
        return sum(map(len, self.lots))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all())


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen and what it may cost. `reads` lets a refusal name what moved."""

    decisions: Decisions
    price: Price
    reads: Mapping[str, str] = field(default_factory=dict)
    unpriced: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The digest of all that was decided and read, worked out when asked: of most plans nobody does."""
        rows = sorted(chain.from_iterable(map(_told, self.decisions.lots)))
        columns = [*map(list, zip(*rows, strict=True))][1:]
        return hexdigest(["plan/2", columns, dict(self.reads)])


def _told(lot: Lot) -> Iterable[tuple[Node, str, int, Verdict, str, str]]:
    """Where each stands, and what a fingerprint says of it."""
    takes = [take for _, take in lot.nodes]
    same = (
        repeat(lot.verdict, len(lot)),
        repeat(str(lot.price.worst) if lot.price else "?", len(lot)),
    )
    return zip(lot.nodes, lot.ids, takes, same[0], lot.keys, same[1], strict=True)


def _place(row: tuple[Node, Decision]) -> Node:
    return row[0]
