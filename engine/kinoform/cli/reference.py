"""Writes docs/reference from the program: `python -m kinoform.cli.reference [--check]`.

Every page follows from code and data alone, so that a test can compare it with what is committed.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from kinoform import ports
from kinoform.api.locate import shipped
from kinoform.cli.exits import MEANINGS, Exit
from kinoform.cli.main import root
from kinoform.cli.reference_data import file_pages, model_pages
from kinoform.cli.reference_page import MARK, page, table
from kinoform.cli.show import PROBLEM
from kinoform.core.codes import TABLES
from kinoform.views.fields import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kinoform.views.fields import Fields

WIDTH = 96


def pages(schemas: Path) -> dict[str, str]:
    """Every generated page by its file name, from the program and the folder of model files."""
    made = {
        "commands.md": commands_page(),
        "exit-codes.md": exits_page(),
        "errors.md": errors_page(),
        "ports.md": ports_page(),
        **file_pages(schemas),
        **model_pages(schemas),
    }
    return {"README.md": contents_page(made), **made}


def contents_page(made: dict[str, str]) -> str:
    """The list of the others."""
    rows = [f"- [{text.splitlines()[0].lstrip('# ')}]({name})" for name, text in made.items()]
    return page("Reference", "What there is, page by page.", "\n".join(rows))


_COMMANDS = """What `kinoform COMMAND -h` says, and the fields of what it prints with `--json`. \
[Exit codes](exit-codes.md) are the same for all.

In the path of a field `[]` is each item of a list and `NAME` a name of somebody's own. A field with \
`?` is left out where there is nothing to say, all others are always there. `money` is USD as decimal \
text, such as "0.028"; a map or list without fields of its own below it is not described further. A \
command that could not do its work prints `version` and `problems`. A problem is:
"""


def commands_page() -> str:
    """Each command as its own `-h` shows it, with the fields of its documents."""
    parts = [
        "\n\n".join(
            [f"## {inner.command_path}", f"```text\n{inner.get_help()}\n```", *_printed(inner)]
        )
        for inner in _contexts(root(), "kinoform", None)
    ]
    return page("Commands", f"{_COMMANDS}\n{_fields(PROBLEM)}", "\n\n".join(parts))


def _printed(context: click.Context) -> Iterator[str]:
    for words, fields in getattr(context.command, "prints", {}).items():
        yield f"With `{words}`:"
        yield _fields(fields)


def _fields(fields: Fields) -> str:
    rows = [(f"`{path}`", *split(said)) for path, said in fields.items()]
    return table(("Field", "Type", "Meaning"), rows)


def _contexts(
    found: click.Command, name: str, parent: click.Context | None
) -> Iterator[click.Context]:
    width: Any = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(found, parent, name, **width, **found.context_settings)
    yield context
    for inner in found.list_commands(context) if isinstance(found, click.Group) else ():
        command = found.get_command(context, inner) if isinstance(found, click.Group) else None
        if command is not None:
            yield from _contexts(command, inner, context)


def exits_page() -> str:
    """What each status means."""
    rows = [(f"{int(status)}", MEANINGS[status]) for status in Exit]
    return page(
        "Exit codes", "Every command ends with one of these.", table(("Code", "Meaning"), rows)
    )


def errors_page() -> str:
    """Each error code with its rule, by part."""
    parts = [
        f"## {part.capitalize()}\n\n"
        + table(("Code", "The rule"), [(f"`{code}`", rule) for code, rule in sorted(rows.items())])
        for part, rows in sorted(TABLES.items())
        if rows
    ]
    intro = "A message names its rule in brackets: `error[unknown-option]`. These are the rules."
    return page("Error codes", intro, "\n\n".join(parts))


def ports_page() -> str:
    """The protocols between the parts, and the messages that they pass."""
    own = [c for c in vars(ports).values() if inspect.isclass(c) and c.__module__ == ports.__name__]
    parts = [_port(kind) for kind in own]
    intro = (
        "What the parts promise to each other (`kinoform.ports`), for whoever writes another one."
    )
    return page("Ports", intro, "\n\n".join(parts))


def _port(kind: type[Any]) -> str:
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    rows = [f"- `{field.name}: {field.type}`" for field in fields]
    rows += [
        f"- `{_asked(member)}{name}{_signature(member)}`: {' '.join((inspect.getdoc(member) or '').split())}"
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and (not name.startswith("_") or name == "__call__")
    ]
    return f"## {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n" + "\n".join(
        rows or ["An exception."]
    )


def _asked(member: Any) -> str:
    return "async " if inspect.iscoroutinefunction(member) else ""


def _signature(member: Any) -> str:
    # Annotations are texts here, and shown in quotes; defaults keep theirs.
    return re.sub(r"(: |-> )'([^']+)'", r"\1\2", str(inspect.signature(member)))


def stale(folder: Path, made: dict[str, str]) -> list[str]:
    """The pages that are missing, differ from `made`, or are generated but no longer made.

    A page without the mark was written by a person and is nobody's business here.
    """
    present = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    gone = {name for name, text in present.items() if MARK in text} - made.keys()
    return sorted(gone | {name for name, text in made.items() if present.get(name) != text})


def write(folder: Path, made: dict[str, str]) -> None:
    """Make the folder hold these generated pages and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale(folder, made):
        if name in made:
            (folder / name).write_text(made[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()


def main(words: Sequence[str] | None = None) -> int:
    """Write the pages into the checkout, or say with --check which ones are not up to date."""
    parser = argparse.ArgumentParser(prog="python -m kinoform.cli.reference")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    asked = parser.parse_args(words)
    schemas = shipped("schemas")
    folder, made = schemas.parent / "docs" / "reference", pages(schemas)
    old = stale(folder, made)
    if not asked.check:
        write(folder, made)
    sys.stderr.writelines(f"{'stale' if asked.check else 'wrote'} {name}\n" for name in old)
    return int(bool(old) and asked.check)


if __name__ == "__main__":
    sys.exit(main())
