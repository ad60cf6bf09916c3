"""`kinoform diff`: what differs between two states of a film, in words, money and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import diffing
from kinoform.api.project import Project
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.errors import EnvError, Problem, UsageError
from kinoform.stores.scratch import replace_text
from kinoform.views import diff as views
from kinoform.views.page import page

if TYPE_CHECKING:
    from kinoform.api.diffing import Compared
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show

_PICTURES = 400  # on one page


@command("diff", targets=True, prints={"--json": views.FIELDS})
@click.option("--html", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Write one page with the pictures side by side.")  # fmt: skip
def diff(show: Show, options: Options, **own: Any) -> None:
    """Say what differs between two states of a film, and what that costs.

    REV1..REV2 are revisions of git; REV alone is compared with the folder as it is. Two folders can
    be compared too. Nothing is checked out, and nothing of the project is run.

    Example: kinoform diff film main..branch --html diff.html
    """
    project, found = _compared(options)
    if own["html"] is not None:
        _write(own["html"], _page(project, found))
        show.say(f"look at it: {own['html']}")
    names = [(each.name, each.commit) for each in found.names]
    if show.json:
        show.document(views.document(found.film, names, found.sides, found.changes))
        return
    for line in views.lines(found.changes):
        show.line(line)
    show.line("")
    show.line(f"{found.film}: {' → '.join(views.title(*each) for each in names)}")
    for line in views.summary(found.changes, found.sides):
        show.line(line)


def _compared(options: Options) -> tuple[Project, Compared]:
    if len(options.targets) != 1:
        hint = "as in: kinoform diff main..branch, or: kinoform diff film other-film"
        raise UsageError(Problem("missing-word", "diff needs two states", hint=hint))
    (word,) = options.targets
    found = opened(options)
    if Path(word).exists():
        other = Project.open(word, found.setting)
        return other, diffing.of_folders(found.project, other)
    return found.project, diffing.of_revisions(found.project, found.setting, word)


def _page(project: Project, found: Compared) -> str:
    names = [views.title(each.name, each.commit) for each in found.names]
    sums = views.summary(found.changes, found.sides)
    shown = diffing.prints(project, found, _PICTURES)
    return page(found.film, names, sums, found.changes, shown)


def _write(file: Path, text: str) -> None:
    try:
        replace_text(file, text)
    except (OSError, EnvError) as error:
        said = f"{file} cannot be written: {getattr(error, 'strerror', '') or error}"
        raise EnvError(Problem("page-not-written", said)) from error
