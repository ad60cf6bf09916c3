"""`kinoform restore`: make something that a step had before the chosen one again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import people, picking
from kinoform.api.planning import Asked
from kinoform.cli import choosing
from kinoform.cli.opening import again, opened
from kinoform.cli.options import command
from kinoform.core.candidates import find
from kinoform.core.errors import Problem, SpendError, UsageError

if TYPE_CHECKING:
    from kinoform.api.project import Project
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.candidates import Candidate

_WORDS = 2


@command("restore", targets=True, prints={"--json": choosing.FIELDS})
@click.option("--by", metavar="NAME", default="", help="Who chooses; you, as git knows you.")
@click.option("--why", metavar="TEXT", default="", help="The reason, kept with the choice.")
def restore(show: Show, options: Options, **own: Any) -> None:
    """Let something that a step had before stand for it again.

    STEP is followed by the begin of a digest, or a name such as 3f9a_t02; `history STEP` lists both.
    Buys nothing: lost bytes are looked for where they may still be had for nothing.

    Example: kinoform restore film still@s020 85012cbf
    """
    if len(options.targets) != _WORDS:
        hint = "as in: kinoform restore film still@s020 85012cbf; history lists what there was"
        raise UsageError(Problem("missing-word", "restore needs a step and a digest", hint=hint))
    project = opened(options).project
    planned = project.plan(Asked(lock=True))
    step = choosing.one(project, planned, options.targets[0])
    candidate = find(picking.candidates(project, planned, [step]), options.targets[1], step.id)
    candidate = _whole(project, options, candidate)
    said = picking.Said(people.who(project.root, own["by"]), own["why"])
    choice = picking.choose(project, planned, candidate, said)
    label = f"{step.id}: {candidate.name or 'the file that was adopted'}"
    if choice is None:
        show.problems(picking.shown(project, planned, candidate))
        done = choosing.stands(show, planned, step.id, label)
    else:
        done = choosing.written(show, project, planned, choice, f"{label} stands again")
    if show.json:
        show.document({"version": choosing.VERSION, "choices": [done]})


def _whole(project: Project, options: Options, candidate: Candidate) -> Candidate:
    """The candidate with its bytes, brought back for nothing if need be. Raises SpendError."""
    if candidate.present or (candidate.key and project.bring_back({candidate.key})):
        return replace(candidate, present=True)
    said = f"the bytes of {candidate.step} {candidate.name} are not here".replace("  ", " ")
    hint = f"{again('pull', replace(options, targets=()))} takes them from a shared folder"
    raise SpendError(Problem("restore-without-bytes", said, hint=hint))
