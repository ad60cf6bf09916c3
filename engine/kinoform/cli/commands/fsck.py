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
from kinoform.cli.show import problem_row
from kinoform.core.errors import Problem, UsageError
from kinoform.core.words import short
from kinoform.stores.shared import SharedFolder
from kinoform.views.care import weight
from kinoform.views.words import listed, many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.api.fsck import Checked, Part
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show

VERSION = 1
_MOST = 100_000


@command("fsck")
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
    """`{version, subset, objects, size, damaged, lost, repaired, again, let_go, derived, problems}`."""
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
