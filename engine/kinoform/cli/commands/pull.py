"""`kinoform pull`: what others made, so that it is not made or bought again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kinoform.api.home import open_home
from kinoform.api.planning import Asked
from kinoform.api.pulling import Pull
from kinoform.api.sharing import among, chosen, every
from kinoform.cli.carrying import FIELDS, one_of, told
from kinoform.cli.copying import metered
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from kinoform.api.sharing import Carried
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("pull", prints={"--json": FIELDS})
@click.argument("shared", metavar="DIR")
@click.argument("words", nargs=-1, metavar="[PATH] [TARGET]...")
@click.option("--picked", is_flag=True, default=False, help="Only what was picked.")
@click.option("--all", "everything", is_flag=True, default=False,
              help="Everything that lies there, of every project.")  # fmt: skip
def pull(show: Show, options: Options, shared: str, *, picked: bool, everything: bool) -> int:
    """Copy results from a shared folder: what this project would make or buy, or has lost.

    Every byte and record is verified. What you have already stays as it is; out/ is written by the
    next run.

    Example: kinoform pull /mnt/team/lamp film
    """
    one_of(picked=picked, everything=everything)
    with metered(show, "pulling") as meter:
        folder = SharedFolder(Path(shared), tell=meter.add)
        folder.look()
        if everything:
            carried = Pull(open_home(), folder, time.time).everything()
        else:
            carried = _project(options, folder, picked=picked)
    return told(show, options, carried)


def _project(options: Options, folder: SharedFolder, *, picked: bool) -> Carried:
    project = opened(options).project
    planned = project.plan(Asked(options.targets))
    only = among(chosen(planned)) if picked else every
    return Pull(project.home, folder, time.time, only=only).project(planned)
