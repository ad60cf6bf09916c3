"""`kinoform fsck`: whether everything that is kept is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import fsck as checks
from kinoform.api.home import folder as home_folder
from kinoform.cli.copying import metered
from kinoform.cli.exits import Exit
from kinoform.cli.options import command
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import Problem, UsageError
from kinoform.core.words import short
from kinoform.stores.shared import SharedFolder
from kinoform.views.care import weight
from kinoform.views.fields import VERSIONED, within
from kinoform.views.words import listed, many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.api.fsck import Checked, Part
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1
_MOST = 100_000


_OBJECTS: Fields = {
    "digest": "string: sha256 that the bytes should have",
    "steps": "list of string: ids of the instances that it belongs to",
    "repaired": "boolean: whether it is whole now",
}
FIELDS: Fields = {
    **VERSIONED,
    "subset": "list of integer: the part that was read, and of how many",
    "objects": "integer: how many were read",
    "size": "integer: bytes that were read",
    "damaged": "list: objects with other bytes than their digest says; set aside",
    **within("damaged[]", _OBJECTS),
    "lost": "list: objects of paid results that are not here",
    **within("lost[]", _OBJECTS),
    "repaired": "list of string: digests that came from the shared folder",
    "again": "integer: results that are not here, and are made again when needed",
    "let_go": "integer: paid results that were collected on purpose",
    "derived": "boolean: the tables of the ledger agreed with its events; they do now",
    "clean": "boolean: nothing is damaged or lost",
    **PROBLEMS,
}


@command("fsck", prints={"--json": FIELDS})
@click.option("--subset", default="", metavar="N/T", help="Read part N of T parts of the store.")
@click.option("--from", "source", default="", metavar="DIR",
              help="Repair what is damaged or lost from a shared folder.")  # fmt: skip
def fsck(show: Show, options: Options, subset: str, source: str) -> int:
    """Read and verify everything that is kept: objects, ledger, and results whose bytes are gone.

    Damaged objects are set aside. Exits 5 if something was damaged, or what was paid for is gone.

    Example: kinoform fsck --subset 1/7
    """
    part, root = _part(subset), home_folder()
    shared = SharedFolder(Path(source)) if source else None
    with metered(show, "reading") as meter:
        meter.total(checks.size_of(root, part))
        checked = checks.fsck(root, part, shared, meter.add)
    if options.json:
        show.document(_document(checked, part))
    else:
        for line in _lines(checked):
            show.line(line)
    show.problems(checked.problems())
    return Exit.DONE if checked.clean else Exit.ENVIRONMENT


def _part(text: str) -> Part:
    """The part that was typed. Raises UsageError."""
    if not text:
        return checks.Part()
    number, _, of = text.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= _MOST:
        return checks.Part(int(number), int(of))
    said = f"--subset {short(text)!r} is no part"
    raise UsageError(Problem("bad-subset", said, hint="as in: kinoform fsck --subset 1/7"))


def _lines(checked: Checked) -> Iterator[str]:
    yield f"{many(checked.objects, 'object')} read, {weight(checked.size)}"
    for digest, steps in {**checked.damaged, **checked.lost, **checked.repaired}.items():
        what = "damaged" if digest in checked.damaged else "lost"
        mended = ", repaired" if digest in checked.repaired else ""
        of = f"  {listed(steps)}" if steps else ""
        yield f"{what}{mended}  {digest}{of}"
    if checked.again:
        yield f"{many(checked.again, 'result')} not here, made again when needed"
    if checked.let_go:
        yield f"{many(checked.let_go, 'paid result')} collected on purpose"
    if checked.clean:
        yield "everything is whole"


def _document(checked: Checked, part: Part) -> dict[str, Any]:
    """As `FIELDS` says."""
    return {
        "version": VERSION,
        "subset": [part.number, part.of],
        "objects": checked.objects,
        "size": checked.size,
        "damaged": _rows(checked, checked.damaged),
        "lost": _rows(checked, checked.lost),
        "repaired": sorted(checked.repaired),
        "again": checked.again,
        "let_go": checked.let_go,
        "derived": checked.derived,
        "clean": checked.clean,
        "problems": [problem_row(problem) for problem in checked.problems()],
    }


def _rows(checked: Checked, found: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    return [
        {"digest": digest, "steps": list(steps), "repaired": digest in checked.repaired}
        for digest, steps in found.items()
    ]
