"""What a run did, as values."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

from kinoform.core.candidates import take_name
from kinoform.core.classes import dataclass
from kinoform.core.types import Outcome

if TYPE_CHECKING:
    from kinoform.core.errors import Problem
    from kinoform.core.types import Blob


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


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run, steps in file order."""

    run: str
    steps: tuple[Ended, ...] = field(repr=False)  # asyncio writes down what a task gave, unasked
    interrupted: bool = False
    notes: tuple[Problem, ...] = ()

    def counts(self) -> dict[Outcome, int]:
        """How many ended in each way; all ways are named."""
        found = Counter(step.outcome for step in self.steps)
        return {outcome: found[outcome] for outcome in get_args(Outcome)}

    def paid(self) -> Decimal:
        """USD paid by this run."""
        return sum((step.paid for step in self.steps), Decimal(0))

    def problems(self) -> tuple[Problem, ...]:
        """What went wrong, each once."""
        return tuple(dict.fromkeys(p for step in self.steps for p in step.problems))
