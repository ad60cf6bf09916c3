"""`kinoform init`: a project from a shipped pipeline."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from kinoform.api import starter
from kinoform.cli.options import command
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from kinoform.api.starter import Started
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1


FIELDS: Fields = {
    **VERSIONED,
    "folder": "string: the project folder",
    "written": "list of string: files, as paths in it",
}
_LISTED: Fields = {
    **VERSIONED,
    "pipelines": "list: those that are shipped",
    "pipelines[].name": "string: for --from",
    "pipelines[].about": "string: what it makes",
}


@command("init", prints={"--json": FIELDS, "--json --list": _LISTED})
@click.argument("directory", default=".", metavar="[DIR]")
@click.option("--from", "name", default="hello", show_default=True, metavar="NAME",
              help="The shipped pipeline to begin with.")  # fmt: skip
@click.option("--list", "listing", is_flag=True, default=False, help="List shipped pipelines.")
def init(show: Show, options: Options, directory: str, name: str, *, listing: bool) -> None:
    """Begin a project from a shipped pipeline.

    Overwrites nothing: what is in the way is listed, and nothing is written.

    Example: kinoform init film --from lighthouse
    """
    if listing:
        _list(show)
        return
    started = starter.start(options.path / directory, name)
    if options.json:
        written = list(started.written)
        show.document({"version": VERSION, "folder": str(started.folder), "written": written})
        return
    where = str(started.folder)
    show.line(f"{where}: {name}, {len(started.written)} files")
    _next(show, started)


def _list(show: Show) -> None:
    found = starter.examples()
    if show.json:
        rows = [{"name": each.name, "about": each.about} for each in found]
        show.document({"version": VERSION, "pipelines": rows})
    else:
        show.rows(("name", "about"), [(each.name, each.about) for each in found])


def _next(show: Show, started: Started) -> None:
    for path in started.kept:
        lines = ", ".join(starter.wanted_lines(path)[:3])
        show.line(f"{path} was there and is kept; add to it: {lines}")
    here = "" if str(started.folder) == "." else f" {shlex.quote(str(started.folder))}"
    show.line("next:")
    show.line(f"  kinoform plan{here} --draft    what would be made")
    show.line(f"  kinoform run{here} --draft     make it, free and offline")
    show.line(f"  kinoform plan{here}            what it costs in earnest")
