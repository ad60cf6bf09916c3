"""`kinoform models diff`: what moved between two model files, and which steps it touches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import importing
from kinoform.cli.options import command
from kinoform.views.fields import VERSIONED, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.spec.moved import Change
    from kinoform.views.fields import Fields

VERSION = 1
HEAD = ("what", "where", "old", "new")
_WIDE = 60


CHANGE: Fields = {
    "kind": "string: what kind of thing moved, such as parameter, rule, size, price",
    "path": "string: which one",
    "old": "string: as it was; empty for what is new",
    "new": "string: as it is; empty for what is gone",
}
FIELDS: Fields = {
    **VERSIONED,
    "old": "string: id of the first model",
    "new": "string: id of the second",
    "changes": "list: what moved, in the order of a model file",
    **within("changes[]", CHANGE),
    "steps": "list of string or null: steps of PATH that use it; null without PATH",
}


@command("diff", prints={"--json": FIELDS})
@click.argument("old")
@click.argument("new")
@click.argument("path", required=False)
def diff(show: Show, options: Options, old: str, new: str, path: str | None) -> None:
    """Show what moved between two model files.

    OLD and NEW are model files or ids. With PATH, a pipeline or its folder, the steps that use
    the model are named.

    Example: kinoform models diff runware/klingai:kling-image@o3 new.json film
    """
    project = Path(path) if path else options.path
    root = importing.project_of(project, needed=path is not None)
    before, after = (importing.named(word, root) for word in (old, new))
    found = importing.moved(before, after)
    steps = importing.users_of(project, before.id, after.id) if path else None
    if options.json:
        rows = [change_row(each) for each in found]
        ids = {"old": before.id, "new": after.id}
        show.document({"version": VERSION, **ids, "changes": rows, "steps": steps})
        return
    if not found:
        show.line("nothing moved")
        return
    show.rows(HEAD, map(_cells, found))
    if steps is not None:
        show.line(f"steps that use it: {', '.join(steps) or 'none'}")


def change_row(each: Change) -> dict[str, Any]:
    """One change as plain data."""
    return {"kind": each.kind, "path": each.path, "old": each.old, "new": each.new}


def told(found: Sequence[Change]) -> Iterator[str]:
    """Each change on a line of its own."""
    for each in found:
        yield f"moved: {each.kind} {each.path}: {_cut(each.old)} -> {_cut(each.new)}"


def _cells(each: Change) -> tuple[str, str, str, str]:
    return each.kind, each.path, _cut(each.old), _cut(each.new)


def _cut(text: str) -> str:
    return (text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}\u2026") or "-"
