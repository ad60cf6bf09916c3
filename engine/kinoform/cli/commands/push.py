"""`kinoform push`: what was made here, for others to reuse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kinoform.api import sharing
from kinoform.api.home import open_home
from kinoform.api.planning import Asked
from kinoform.cli.carrying import told
from kinoform.cli.copying import metered
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kinoform.api.home import Home
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.types import Result


@command("push")
@click.argument("shared", metavar="DIR")
@click.argument("words", nargs=-1, metavar="[PATH] [TARGET]...")
@click.option("--all", "everything", is_flag=True, default=False,
              help="Everything of yours, of every project.")  # fmt: skip
def push(show: Show, options: Options, shared: str, *, everything: bool) -> int:
    """Copy results to a shared folder: a network drive, a synced folder.

    What the project has now, and all it was made from. DIR is made if it is new; what is there is not
    copied again, so that the same words go on with a push that was cut.

    Example: kinoform push /mnt/team/lamp film
    """
    home, results = _chosen(options, everything=everything)
    with metered(show, "pushing") as meter:
        folder = SharedFolder(Path(shared), tell=meter.add)
        carried = sharing.push(home, folder, results, total=meter.total)
    return told(show, options, carried)


def _chosen(options: Options, *, everything: bool) -> tuple[Home, Iterable[Result]]:
    if everything:
        home = open_home()
        return home, sharing.of_home(home)
    project = opened(options).project
    return project.home, sharing.of_project(project.plan(Asked(options.targets)))
