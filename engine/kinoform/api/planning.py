"""A plan with what it rests on, and the words that asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.decisions import Decisions
from kinoform.core.errors import Problem, UsageError
from kinoform.core.plan import Wish, lost, wish
from kinoform.core.select import barren, methods, select, union, words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from decimal import Decimal

    from kinoform.core.choice import Choice
    from kinoform.core.decisions import Plan
    from kinoform.core.select import Known, Word
    from kinoform.core.survey import Survey
    from kinoform.core.types import Graph, Step

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is to cover: targets and selections, none for everything.

    `force` makes local steps in the selection again; `rebuy` buys the hosted steps that these
    expressions select once more, if they are lost or ended without a result. `only` makes nothing
    but what was named; `retry` nothing but what failed in the last run, and what that blocked;
    `retake` one more take of each hosted step that was named. `lock` asks the lock, too, which takes
    there are beyond those of the file: they are listed, and no plan needs to know of them.
    `final` is made in earnest, with all that it needs, in a film that is drafted.
    """

    targets: Sequence[str] = ()
    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    force: bool = False
    rebuy: Sequence[str] = ()
    only: bool = False
    retry: bool = False
    retake: bool = False
    lock: bool = False
    final: Sequence[str] = ()

    def expressions(self) -> tuple[str, ...]:
        """All of them, whatever they are for."""
        return (*self.targets, *self.select, *self.exclude, *self.rebuy, *self.final)

    @property
    def names(self) -> bool:
        """Whether it names steps; otherwise it means the whole film."""
        return bool(self.targets or self.select or self.exclude)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the words name, as numbers of steps; `goals` None is the whole film.

    `nothing` says why there is nothing to do today, though the words are good ones.
    """

    goals: frozenset[int] | None = None
    rebuy: frozenset[int] = frozenset()
    nothing: Problem | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it rests on. `price_real` is what a draft would cost in earnest.

    `nothing` says why the selection is empty, where that is no mistake.
    """

    plan: Plan
    graph: Graph
    survey: Survey
    want: Wish
    price_real: Decimal
    warnings: tuple[Problem, ...] = ()
    choices: tuple[Choice, ...] = ()
    nothing: Problem | None = None

    @property
    def lost(self) -> tuple[str, ...]:
        """Ids of lost results that somebody needs."""
        return lost(self.survey, self.plan, self.want)

    @property
    def gone(self) -> Decisions:
        """On what was bought and is not here, whether somebody needs it today or not."""
        return Decisions(lot for lot in self.plan.decisions.lots if lot.verdict == "lost")

    def step(self, name: str) -> Step:
        """The step of this id. Raises KeyError."""
        return self.graph.steps[self.graph.index[name]]


# what is named


def named(graph: Graph, asked: Asked, known: Known) -> Chosen:
    """The steps that targets, selections and exclusions name.

    An empty selection is refused, because an empty wish would mean the whole film; but where a
    state is asked for, that nothing is in it is an answer. Raises UsageError with every fault.
    """
    if not asked.names:
        return Chosen()
    lists = (("", asked.targets), ("--select", asked.select), ("--exclude", asked.exclude))
    targets, selected, drop = _read(graph, lists, known)
    keep = (*targets, *selected)
    if asked.targets or asked.select:
        first = union(keep)
    else:
        first = frozenset(n for n, step in enumerate(graph.patterns) if not step.hidden)
    goals = first - union(drop)
    if goals or not graph.ids:
        return Chosen(goals)
    empty = Problem("nothing-selected", _emptied(keep, len(first)))
    if "state" not in methods((*asked.targets, *asked.select, *asked.exclude)):
        raise UsageError(empty)
    return Chosen(goals, nothing=_calm(empty.message))


def _read(
    graph: Graph, lists: Sequence[tuple[str, Sequence[str]]], known: Known
) -> list[tuple[Word, ...]]:
    """The words of each list; the faults of all of them are raised together."""
    found: list[tuple[Word, ...]] = []
    faults: list[Problem] = []
    for said, texts in lists:
        try:
            found.append(words(graph, texts, known, said))
        except UsageError as error:
            faults += error.problems
    if faults:
        raise UsageError(faults)
    return found


def _emptied(keep: Sequence[Word], before: int) -> str:
    if before:
        return f"--exclude leaves none of the {before:,} steps that were selected"
    return "; ".join(barren(word) for word in keep[:_SHOWN]) or "the selection is empty"


def _calm(message: str) -> Problem:
    return Problem("nothing-selected", message, severity="warning")


def chosen(
    graph: Graph, asked: Asked, known: Known, ended: Mapping[str, Collection[str]]
) -> Chosen:
    """What a plan is to cover; `ended` leads from step ids to how they ended in the last run.

    Raises UsageError.
    """
    found = named(graph, asked, known)
    rebuy = select(graph, asked.rebuy, known, "--rebuy")
    if asked.only and not (asked.names or asked.retry):
        hint = "as in: kinoform run --only clip@s020"
        raise UsageError(Problem("missing-word", "--only needs the name of a step", hint=hint))
    goals, nothing = found.goals, found.nothing
    if asked.retry:
        again = _failed(graph, ended)
        goals = again if goals is None else again & goals
        nothing = nothing or (None if goals else _nothing_failed(again))
    return Chosen(goals, rebuy, nothing)


def _failed(graph: Graph, ended: Mapping[str, Collection[str]]) -> frozenset[int]:
    """Steps of today that failed, or were blocked by what failed."""
    index = graph.index
    bad = {"failed", "blocked"}
    return frozenset(index[s] for s, ways in ended.items() if s in index and bad & {*ways})


def _nothing_failed(again: Collection[int]) -> Problem:
    if again:
        return _calm(f"none of these failed in the last run ({len(again):,} others did)")
    return _calm("nothing failed in the last run")


def wanted(graph: Graph, asked: Asked, choice: Chosen) -> Wish:
    """The wish that such a choice makes in this graph."""
    if choice.goals is None:
        whole = wish(graph)
        goals, final = whole.goals, whole.final
    else:
        goals = final = choice.goals
    force = {n for n in goals if graph.patterns[n].op.kind != "hosted"} if asked.force else ()
    return Wish(goals, final, frozenset(force), choice.rebuy)
