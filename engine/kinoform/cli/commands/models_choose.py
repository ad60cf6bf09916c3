"""`kinoform models choose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kinoform.api import lock
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.errors import Problem, UsageError
from kinoform.views import choices as views
from kinoform.views.fields import VERSIONED, within

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.choice import Choice
    from kinoform.views.fields import Fields


FIELDS: Fields = {
    **VERSIONED,
    "alias": "string: the alias in the pipeline file",
    "model": "string: what it stands for from now on",
    "before": "map: what it stood for, and what each candidate costs",
    **within("before", views.FIELDS),
}


@command("choose", prints={"--json": FIELDS})
@click.argument("alias")
@click.argument("model")
def choose(show: Show, options: Options, alias: str, model: str) -> None:
    """Let an alias with several candidates stand for one of them.

    Shows what each costs for everything under the alias, then writes kinoform.lock/models/ALIAS.
    Results under the other candidate are kept; what stands on them is made anew.

    Example: kinoform models choose hero wavespeed/kwaivgi/kling-image-o3 -C film
    """
    project = opened(options).project
    choice = _named(project.choices, alias)
    _candidate(choice, model)
    path = lock.record(project.root, alias, model)
    if options.json:
        rows = views.documents([choice])
        show.document({"version": 1, "alias": alias, "model": model, "before": rows[0]})
        return
    for line in views.lines([choice]):
        show.line(line)
    show.line(f"from now on {alias} is {model} ({path.relative_to(project.root).as_posix()})")


def _named(found: tuple[Choice, ...], alias: str) -> Choice:
    for choice in found:
        if choice.alias == alias:
            return choice
    known = ", ".join(choice.alias for choice in found)
    hint = f"aliases with several: {known}" if known else "no alias here has several candidates"
    raise UsageError(Problem("no-choice", f"there is nothing to choose for {alias!r}", hint=hint))


def _candidate(choice: Choice, model: str) -> None:
    for option in choice.options:
        if option.model == model:
            if option.lacks:
                said = f"{model} cannot say {', '.join(option.lacks)}"
                raise UsageError(Problem("no-choice", said, hint="change these steps first"))
            return
    known = ", ".join(option.model for option in choice.options)
    said = f"{model} is no candidate of {choice.alias}"
    raise UsageError(Problem("no-choice", said, hint=f"candidates: {known}"))
