"""One more take of the present recipe: which number it gets, and what a plan for just that is."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import Problem, UsageError
from kinoform.core.manifest import key_of
from kinoform.core.money import ZERO
from kinoform.core.plan import Wish, plan
from kinoform.core.tasks import last_words
from kinoform.core.words import short
from kinoform.views.plan import words

if TYPE_CHECKING:
    from kinoform.api.planning import Planned
    from kinoform.core.report import Ended, RunReport
    from kinoform.core.types import Step

_BATCH: Final = 16  # takes that are looked up at once


def retaken(planned: Planned) -> Planned:
    """The plan for one more take of each hosted step that was named, and nothing else.

    Local steps beside them are passed over, with a warning. Raises UsageError where no take can be
    made, or the request of a step is not known yet.
    """
    named = [(n, planned.graph.steps[n]) for n in sorted(planned.want.goals)]
    mine = [(n, step) for n, step in named if not (step.skip or step.hidden)]
    hosted = [(n, step) for n, step in mine if step.op.kind != "local"]
    local = tuple(_local(step, hosted) for n, step in mine if step.op.kind == "local")
    if not hosted:
        raise UsageError(local or _nothing())
    known = planned.survey.manifests
    faults = [_unknown(planned, n, step) for n, step in hosted if (n, 1) not in known]
    if faults:
        raise UsageError(faults)
    nodes = frozenset((n, _next(planned, n)) for n, _ in hosted)
    want = Wish(frozenset(), frozenset(n for n, _ in nodes), retake=nodes)
    found, survey = plan(planned.graph, planned.survey.world, want, planned.plan.reads)
    real = sum((planned.graph.steps[n].price or ZERO for n, _ in nodes), ZERO)
    again = replace(planned, plan=found, survey=survey, want=want, price_real=real)
    return replace(again, warnings=(*planned.warnings, *local))


def _next(planned: Planned, number: int) -> int:
    """The number of one more take: above every take that anybody ever asked for by this recipe.

    The last one itself, while it is under way: that is the take that was asked for.
    """
    survey, step = planned.survey, planned.graph.steps[number]
    world, recipe = survey.world, survey.recipe(number)
    # What was equated stands for the takes of the file: theirs stay free.
    last, task = (step.takes if (number, 1) in survey.equated else 0), None
    for first in count(1, _BATCH):
        keys = {key_of({**recipe, "take": t}): t for t in range(first, first + _BATCH)}
        made = world.results(keys)
        tried = last_words(world.tasks(keys))  # what cost and brought nothing uses up no number
        had = {keys[key] for key in (*made, *tried)}
        if not had:
            break
        last = max(had | {last})
        task = next((tried[k] for k in tried if keys[k] == last and k not in made), None)
    return last if task is not None and task.is_open else last + 1


def _local(step: Step, hosted: list[tuple[int, Step]]) -> Problem:
    said = f"{short(step.id)} is made here: it comes out the same each time"
    hint = f"kinoform run --force {step.id} makes it again"
    return Problem("retake-local", said, hint=hint, severity="warning" if hosted else "error")


def _nothing() -> Problem:
    return Problem("nothing-selected", "none of these steps makes anything: `when` is false")


def _unknown(planned: Planned, number: int, step: Step) -> Problem:
    reason = planned.survey.unknown.get((number, 1))
    said = f"{short(step.id)} {words(reason)}" if reason else f"{short(step.id)} is not known yet"
    hint = f"kinoform run {step.id} makes it ready"
    return Problem("retake-too-early", f"{said}: its request is not known yet", hint=hint)


def ended(planned: Planned, report: RunReport) -> list[Ended]:
    """The takes that a run made beside what stands for their steps."""
    index, picks = planned.graph.index, planned.survey.world.picks
    mine = [e for e in report.ended if (index[e.step], e.take) in planned.want.retake]
    # A first take without a choice is what stands.
    return [e for e in mine if e.outputs and (e.take > 1 or e.step in picks)]


def problem(made: Ended, command: str) -> Problem:
    """One more take as a note: what stands stays, and the command that chooses it."""
    said = f"{made.step}: {made.name} is there, and what stood before stands"
    return Problem("take-to-choose", said, hint=command, severity="warning")
