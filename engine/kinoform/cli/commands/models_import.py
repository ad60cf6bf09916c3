"""`kinoform models import`: a provider's model page as a model file, with a report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kinoform.api import importing
from kinoform.cli.commands.models_diff import CHANGE, change_row, told
from kinoform.cli.options import command
from kinoform.core.errors import Problem, UsageError
from kinoform.views import imports as views
from kinoform.views.fields import within

if TYPE_CHECKING:
    from kinoform.api.importing import Imported
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields


FIELDS: Fields = {
    **views.FIELDS,
    "file": "string: the model file",
    "written": "boolean: false where it said the same already",
    "moved": "list: with --replace, what differs from the file that was there",
    **within("moved[]", CHANGE),
}


@command("import", prints={"--json": FIELDS})
@click.argument("page")
@click.option("--into", metavar="DIR", help="Write below DIR, not into the project's models/.")
@click.option("--shipped", is_flag=True, help="Write into schemas/ of kinoform (for developers).")
@click.option("--replace", is_flag=True, help="Write a model file anew, and show what moved.")
def importing_page(
    show: Show, options: Options, page: str, into: str | None, *, shipped: bool, replace: bool
) -> None:
    """Make a model file of a model page.

    PAGE is a file: a Runware page as Markdown, a WaveSpeed page as text, or one entry of
    WaveSpeed's GET /models as JSON. Says what was read, which sentences were dropped and by which
    example, which were not understood, and what a person must still decide.

    Example: kinoform models import klingai-image-o3.md
    """
    day = datetime.now(UTC).date().isoformat()
    folder = _folder(options, into, shipped=shipped)
    own = importing.is_own(folder, options.path)
    found = importing.import_page(Path(page), folder, day, replace=replace, own=own)
    if options.json:
        moved = [change_row(each) for each in found.moved]
        state = {"file": str(found.path), "written": found.written, "moved": moved}
        show.document({"version": views.VERSION, **found.report.row(), **state})
        return
    _speak(show, found)


def _folder(options: Options, into: str | None, *, shipped: bool) -> Path:
    if into and shipped:
        raise UsageError(
            Problem("bad-usage", "--into and --shipped name two places", hint="keep one")
        )
    if shipped:
        return importing.shipped_folder()
    return Path(into) if into else importing.models_folder(options.path)


def _speak(show: Show, found: Imported) -> None:
    for line in views.lines(found.report.row()):
        show.line(line)
    for line in told(found.moved):
        show.line(line)
    said = "written" if found.written else "left as it is: it says the same"
    show.line(f"{found.path}: {said}")
