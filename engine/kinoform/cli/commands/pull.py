"""`kinoform pull`: what others made, so that it is not made or bought again; what addresses give now."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.home import open_home
from kinoform.api.inputs import pinned
from kinoform.api.planning import Asked
from kinoform.api.pulling import Pull
from kinoform.api.sharing import among, chosen, every
from kinoform.cli import repinning
from kinoform.cli.carrying import FIELDS, one_of, told
from kinoform.cli.copying import metered
from kinoform.cli.exits import Exit
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.errors import Problem, UsageError
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from kinoform.api.sharing import Carried
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("pull", prints={"--json": FIELDS, "--json --refetch": repinning.FIELDS})
@click.argument("shared", metavar="DIR", required=False)
@click.argument("words", nargs=-1, metavar="[PATH] [TARGET]...")
@click.option("--picked", is_flag=True, default=False, help="Only what was picked.")
@click.option("--all", "everything", is_flag=True, default=False,
              help="Everything that lies there, of every project.")  # fmt: skip
@click.option("--refetch", multiple=True, metavar="URL",
              help="Instead, fetch this address anew, and pin what it gives; no DIR.")  # fmt: skip
def pull(show: Show, options: Options, shared: str | None, **own: Any) -> int:
    """Copy results from a shared folder: what this project would make or buy, or has lost.

    Every byte and record is verified. What you have already stays as it is; out/ is written by the
    next run.

    Example: kinoform pull /mnt/team/lamp film
    """
    if own["refetch"]:
        repinning.carry_out(show, options, shared, own["refetch"])
        return Exit.DONE
    one_of(picked=own["picked"], everything=own["everything"])
    with metered(show, "pulling") as meter:
        folder = SharedFolder(Path(_needed(shared)), tell=meter.add)
        folder.look()
        if own["everything"]:
            carried = Pull(open_home(), folder, time.time).everything()
        else:
            carried = _project(options, folder, picked=own["picked"])
    return told(show, options, carried)


def _needed(shared: str | None) -> str:
    if shared is None:
        hint = "as in: kinoform pull /mnt/team/lamp film"
        raise UsageError(Problem("missing-word", "pull needs the folder to copy from", hint=hint))
    return shared


def _project(options: Options, folder: SharedFolder, *, picked: bool) -> Carried:
    project = opened(options).project
    planned = project.plan(Asked(options.targets))
    only = among(chosen(planned)) if picked else every
    inputs = () if picked else pinned(planned).values()
    return Pull(project.home, folder, time.time, only=only).project(planned, inputs)
