"""What `push` and `pull` have in common: which project, if any, and how the end is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.cli.exits import Exit
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import Problem, UsageError
from kinoform.views.care import weight
from kinoform.views.fields import VERSIONED
from kinoform.views.words import many

if TYPE_CHECKING:
    from kinoform.api.sharing import Carried
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1


FIELDS: Fields = {
    **VERSIONED,
    "way": "string: push or pull",
    "folder": "string: the shared folder",
    "results": "integer: that are whole on both sides now",
    "filed": "integer: of these, how many were new",
    "copied": "integer: objects",
    "there": "integer: objects that were there before",
    "size": "integer: bytes that were copied",
    "absent": "list of string: ids of instances whose bytes are not to be had",
    "differ": "list of string: ids of instances that have another record on the other side",
    "busy": "list of string: ids of instances that a run works on",
    **PROBLEMS,
}


def one_of(*, picked: bool, everything: bool) -> None:
    """Raises UsageError for two choices at once."""
    if picked and everything:
        raise UsageError(Problem("bad-usage", "--picked and --all exclude each other"))


def told(show: Show, options: Options, carried: Carried) -> Exit:
    """Say what came of it; the exit status: only damage makes it more than a success."""
    problems = carried.problems()
    show.problems(problems)
    if options.json:
        show.document(_document(carried) | {"problems": [problem_row(p) for p in problems]})
    else:
        show.line(_line(carried))
    return Exit.ENVIRONMENT if carried.damaged else Exit.DONE


def _line(carried: Carried) -> str:
    there = f", {carried.there:,} were there" if carried.there else ""
    objects = f"{many(carried.copied, 'object')} copied ({weight(carried.size)}){there}"
    if carried.way == "push":
        new = f"{many(carried.results, 'result')} in {carried.folder}, {carried.filed:,} new"
    else:
        new = f"{many(carried.results, 'result')} from {carried.folder}, {carried.filed:,} new"
    return f"{new}: {objects}"


def _document(carried: Carried) -> dict[str, Any]:
    """As `FIELDS` says, without problems."""
    return {
        "version": VERSION,
        "way": carried.way,
        "folder": str(carried.folder),
        "results": carried.results,
        "filed": carried.filed,
        "copied": carried.copied,
        "there": carried.there,
        "size": carried.size,
        "absent": carried.absent,
        "differ": carried.differ,
        "busy": carried.busy,
    }
