"""`kinoform push`: what was made here, for others to reuse."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kinoform.api import sharing
from kinoform.api.home import open_home
from kinoform.api.inputs import pinned
from kinoform.api.planning import Asked
from kinoform.api.setting import SPEC
from kinoform.cli.carrying import FIELDS, one_of, told
from kinoform.cli.copying import metered
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.errors import Problem, UsageError
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from kinoform.api.sharing import Carried
    from kinoform.cli.copying import Meter
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("push", prints={"--json": FIELDS})
@click.argument("shared", metavar="DIR")
@click.argument("words", nargs=-1, metavar="[PATH] [TARGET]...")
@click.option("--picked", is_flag=True, default=False, help="Only what was picked.")
@click.option("--all", "everything", is_flag=True, default=False,
              help="Everything of yours, of every project.")  # fmt: skip
def push(show: Show, options: Options, shared: str, *, picked: bool, everything: bool) -> int:
    """Copy results to a shared folder: a network drive, a synced folder.

    What the project has now, and all it was made from. DIR is made if it is new; what is there is not
    copied again, so that the same words go on with a push that was cut.

    Example: kinoform push /mnt/team/lamp film
    """
    one_of(picked=picked, everything=everything)
    _refuse_project(Path(shared))
    with metered(show, "pushing") as meter:
        folder = SharedFolder(Path(shared), tell=meter.add)
        if everything:
            home = open_home()
            carried = sharing.push(home, folder, sharing.of_home(home), total=meter.total)
        else:
            carried = _project(options, folder, meter, picked=picked)
    return told(show, options, carried)


def _refuse_project(folder: Path) -> None:
    """Raises UsageError where the film stands in the place of the shared folder."""
    if (folder / SPEC).is_file():
        said = f"{folder} is a project, and what comes first is the shared folder"
        hint = f"kinoform push DIR {shlex.quote(str(folder))}"
        raise UsageError(Problem("bad-usage", said, hint=hint))


def _project(options: Options, folder: SharedFolder, meter: Meter, *, picked: bool) -> Carried:
    project = opened(options).project
    planned = project.plan(Asked(options.targets))
    results, loose = sharing.of_project(planned), sharing.chosen(planned)
    only = sharing.among(loose) if picked else sharing.every
    loose += () if picked else pinned(planned).values()
    return sharing.push(project.home, folder, results, loose, only=only, total=meter.total)
