"""What a run did, as values."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, get_args

from kinoform.core.candidates import take_name
from kinoform.core.classes import dataclass
from kinoform.core.types import Outcome

if TYPE_CHECKING:
    from kinoform.core.errors import Problem
    from kinoform.core.types import Blob, Step


@dataclass(frozen=True, slots=True)
class Ended:
    """How one take of one step ended: outputs in result order, USD paid, seconds of work.

    `recipe` is the digest that all takes share, given where there are several; `exit` is the status
    that its problems stand for.
    """

    step: str
    take: int
    outcome: Outcome
    key: str = ""
    recipe: str = ""
    outputs: tuple[Blob, ...] = ()
    paid: Decimal = Decimal(0)
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    exit: int = 0

    @property
    def name(self) -> str:
        """`3f9a_t02`, as in the name of its file; empty where there is one take only."""
        return take_name(self.recipe, self.take) if self.recipe else ""


class Stood(NamedTuple):
    """A take that took no part in a run, as all of it was there. Of ten thousand most are only counted.

    `like` is the pattern of its step; `before` is the key that the take had last, if any.
    """

    step: str
    like: Step
    take: int
    key: str
    recipe: str
    outputs: tuple[Blob, ...]
    before: str

    @property
    def ended(self) -> Ended:
        """The same in the words of those that took part."""
        return Ended(self.step, self.take, "reused", self.key, self.recipe, self.outputs)


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run: how all that took part ended, and what stood; each in file order."""

    run: str
    ended: tuple[Ended, ...] = field(repr=False)  # asyncio writes down what a task gave, unasked
    interrupted: bool = False
    notes: tuple[Problem, ...] = ()
    stood: tuple[Stood, ...] = field(default=(), repr=False)

    @property
    def steps(self) -> tuple[Ended, ...]:
        """How every take ended, what stood last."""
        return (*self.ended, *(one.ended for one in self.stood))

    def counts(self) -> dict[Outcome, int]:
        """How many ended in each way; all ways are named."""
        found = Counter(step.outcome for step in self.ended)
        found["reused"] += len(self.stood)
        return {outcome: found[outcome] for outcome in get_args(Outcome)}

    def paid(self) -> Decimal:
        """USD paid by this run."""
        return sum((step.paid for step in self.ended), Decimal(0))

    def problems(self) -> tuple[Problem, ...]:
        """What went wrong, each once."""
        return tuple(dict.fromkeys(p for step in self.ended for p in step.problems))
