"""`--only`: nothing but the named steps is made, so what they need must be there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, UsageError
from kinoform.core.graph import closure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kinoform.api.planning import Planned
    from kinoform.core.types import Graph

_GAP = "run without --only makes it first; or name it as well"
_LEFT = "a run without --only makes them anew; kinoform ls state:stale lists them"


def alone(planned: Planned) -> tuple[Problem, ...]:
    """What making only the named steps leaves stale, as a warning.

    Raises UsageError where they need what is not made. Inserted frames are cut with the step that
    reads them.
    """
    graph, goals = planned.graph, planned.want.goals
    active = {number for lot in planned.plan.decisions.active.lots for number, _ in lot.nodes}
    gaps = [
        Problem("input-not-made", _gap(graph, number, need), graph.steps[number].where, _GAP)
        for number in sorted(active & goals)
        for need in sorted({*_needs(graph, number)} & (active - goals))
    ]
    if gaps:
        raise UsageError(gaps)
    stale = [graph.steps[number].id for number in sorted(_left(planned, active & goals))]
    if not stale:
        return ()
    more = f" and {len(stale) - 1:,} more" if len(stale) > 1 else ""
    said = f"--only leaves {stale[0]}{more} stale"
    return (Problem("left-stale", said, hint=_LEFT, severity="warning"),)


def _gap(graph: Graph, number: int, need: int) -> str:
    missing = graph.steps[need].id
    return f"--only {graph.steps[number].id} needs {missing}, which is not made as it stands now"


def _needs(graph: Graph, number: int) -> Iterator[int]:
    """The visible steps right before one, also those behind an inserted step."""
    for need in graph.needs[number]:
        if graph.steps[need].hidden:
            yield from _needs(graph, need)
        else:
            yield need


def _left(planned: Planned, made: Collection[int]) -> set[int]:
    """Steps below those that will be made, which were made before and are not made with them."""
    steps, heads = planned.graph.steps, planned.survey.world.heads
    below = closure(planned.graph, made, up=False) - planned.want.goals
    once = {step for step, _ in heads}
    return {n for n in below if not (steps[n].hidden or steps[n].skip) and steps[n].id in once}
