"""A plan with what it rests on, and the words that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, UsageError
from kinoform.core.plan import Wish, lost, wish
from kinoform.core.select import select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from kinoform.core.choice import Choice
    from kinoform.core.survey import Survey
    from kinoform.core.types import Graph, Plan, Step


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is to cover: targets and selections, none for everything.

    `force` makes local steps in the selection again; `rebuy` buys the hosted steps that these
    expressions select once more, if they are lost or ended without a result.
    """

    targets: Sequence[str] = ()
    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    force: bool = False
    rebuy: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it rests on. `price_real` is what a draft would cost in earnest."""

    plan: Plan
    graph: Graph
    survey: Survey
    want: Wish
    price_real: Decimal
    warnings: tuple[Problem, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        """Ids of lost results that somebody needs."""
        return lost(self.graph, self.plan, self.want)

    def step(self, name: str) -> Step:
        """The step of this id. Raises KeyError."""
        return self.graph.steps[self.graph.index[name]]


def wanted(graph: Graph, asked: Asked) -> Wish:
    """The wish that these words make. Raises UsageError for names that are not there.

    `exclude` takes away from what was named, or from everything; what is left may not be nothing,
    because an empty wish means the whole film.
    """
    words = (*asked.targets, *asked.select)
    named = select(graph, words) if words else set(range(len(graph.steps)))
    goals = named - select(graph, asked.exclude)
    if not words:
        goals = {n for n in goals if not graph.steps[n].hidden}
    if not goals and graph.steps:
        raise UsageError(Problem("nothing-selected", "the selection leaves no step"))
    force = {n for n in goals if graph.steps[n].op.kind != "hosted"} if asked.force else ()
    rebuy = select(graph, asked.rebuy) if asked.rebuy else ()
    return wish(graph, goals if words or asked.exclude else (), force, rebuy)
