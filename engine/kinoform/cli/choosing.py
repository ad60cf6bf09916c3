"""How a choice is said: what it makes stale in dollars, before it is written; and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.api import picking
from kinoform.api.planning import Asked
from kinoform.cli.opening import again
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import Problem, UsageError
from kinoform.core.money import text
from kinoform.views import picks as views
from kinoform.views.fields import VERSIONED, within
from kinoform.views.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.report import Ended
    from kinoform.core.types import Step
    from kinoform.views.fields import Fields

VERSION = 1
_SHOWN = 3  # reviews that are named one by one


def written(
    show: Show, project: Project, planned: Planned, choice: picking.Choice, said: str
) -> dict[str, Any]:
    """Say what a choice changes, write it, say that it is; the choice as data."""
    show.problems(choice.problems)
    for line in effects(choice.change):
        show.say(line)
    problems = (*choice.problems, *(wrong := picking.write(project, planned, choice)))
    show.problems(wrong)
    if not show.json:
        show.line(said)
    return entry(choice, problems)


def effects(change: picking.Change) -> Iterator[str]:
    """What a choice makes stale, and what may go on because of it."""
    yield from views.effect(change.stale, change.stale_price, "makes {} stale")
    yield from views.effect(change.opened, change.opened_price, "lets {} go on")
    if change.unpriced:
        yield "and what nobody knows the price of"


FIELDS: Fields = {
    **VERSIONED,
    "choices": "list: one for each instance that was meant",
    "choices[].step": "string: id of the instance",
    "choices[].written": "boolean: false where it stood so already",
    "choices[].pick": "map or null: what stands now; null where nobody has chosen any more",
    **within("choices[].pick", views.RECORD),
    "choices[].stale": "map: what is made again because of it",
    "choices[].stale.steps": "list of string: ids of the instances",
    "choices[].stale.price": "money: of making them again, as far as prices are known",
    "choices[].opened": "map: what waited for it and may go on",
    "choices[].opened.steps": "list of string: ids of the instances",
    "choices[].opened.price": "money: of making them, as far as prices are known",
    **within("choices[]", PROBLEMS),
}


def entry(choice: picking.Choice, problems: Sequence[Problem]) -> dict[str, Any]:
    """A choice as plain data: `pick` is null for one that was taken back."""
    change = choice.change
    return {
        "step": choice.step,
        "written": True,
        "pick": views.record(choice.pick),
        "stale": {"steps": list(change.stale), "price": text(change.stale_price)},
        "opened": {"steps": list(change.opened), "price": text(change.opened_price)},
        "problems": [problem_row(problem) for problem in problems],
    }


def standing(planned: Planned, step: str) -> dict[str, Any]:
    """The same for a step of which nothing was written."""
    none = {"steps": [], "price": "0"}
    pick = views.record(planned.survey.world.picks.get(step))
    return {
        "step": step,
        "written": False,
        "pick": pick,
        "stale": none,
        "opened": none,
        "problems": [],
    }


def stands(show: Show, planned: Planned, step: str, label: str) -> dict[str, Any]:
    """Say that nothing had to be written; as data."""
    text = f"{label} stands already"
    show.say(text) if show.json else show.line(text)
    return standing(planned, step)


def one(project: Project, planned: Planned, *words: str) -> Step:
    """The one step that these words name. Raises UsageError."""
    goals = project.named(planned, Asked(words)).goals or frozenset()
    steps = [planned.graph.steps[number] for number in sorted(goals)]
    if len(steps) == 1:
        return steps[0]
    hint = f"one of {listed(step.id for step in steps)}"
    said = f"this names {len(steps)} instances, and one is chosen for at a time"
    raise UsageError(Problem("pick-one-step", said, hint=hint))


def answer(options: Options, step: Step) -> str:
    """The command that shows what there is to choose for a step."""
    return f"{again('pick', replace(options, targets=(step.id,)))} --list"


def take(options: Options, ended: Ended) -> str:
    """The command that chooses what one take of a step ended with."""
    return again("pick", replace(options, targets=(ended.step, ended.name)))


def waiting(options: Options, steps: Sequence[Step]) -> Iterator[str]:
    """What waits for a choice, and the command that answers it; of many only the first are said."""
    for step in steps[:_SHOWN]:
        yield f"{step.id} waits for a choice: {answer(options, step)}"
    if len(steps) > _SHOWN:
        more = again("pick", replace(options, targets=()))
        yield f"and {len(steps) - _SHOWN} more: {more} --list"
