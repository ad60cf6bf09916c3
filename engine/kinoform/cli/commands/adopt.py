"""`kinoform adopt`: a file that a person made or retouched stands for a step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import adopting, people, picking
from kinoform.cli import choosing
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("adopt", targets=True, prints={"--json": choosing.FIELDS})
@click.option("--by", metavar="NAME", default="", help="Who chooses; you, as git knows you.")
@click.option("--why", metavar="TEXT", default="", help="The reason, kept with the choice.")
def adopt(show: Show, options: Options, **own: Any) -> None:
    """Let a file that was made by hand stand for a step.

    STEP is followed by FILE, which may lie anywhere. Without FILE the step keeps what it has now,
    though its recipe changes: so a chain of clips is cut at a seam. Git keeps who adopted what; the
    bytes go into the store, and reach others by `push` and `pull`.

    Example: kinoform adopt film still@s020 retouched.png --why "removed the crane"
    """
    if len(options.targets) not in (1, 2):
        hint = "as in: kinoform adopt film still@s020 retouched.png"
        raise UsageError(Problem("missing-word", "adopt needs a step, and a file", hint=hint))
    project = opened(options).project
    planned = project.plan()
    word, *file = options.targets
    step = choosing.one(project, planned, word)
    if file:
        blob = adopting.take_in(project, step, Path(file[0]).expanduser())
    else:
        blob = adopting.present(project, planned, step)
    said = picking.Said(people.who(project.root, own["by"]), own["why"])
    choice = adopting.adopt(project, planned, step, blob, said)
    if choice is None:
        done = choosing.stands(show, planned, step.id, f"{step.id}: this file")
    else:
        done = choosing.written(show, project, planned, choice, f"{step.id}: adopted")
    if show.json:
        show.document({"version": choosing.VERSION, "choices": [done]})
