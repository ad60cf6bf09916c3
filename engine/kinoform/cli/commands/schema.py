"""`kinoform schema`: the JSON Schema of this project, for its editor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import editor
from kinoform.api.models import settings_schema
from kinoform.cli.options import command
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import Problem, UsageError
from kinoform.views.fields import VERSIONED
from kinoform.views.words import many

if TYPE_CHECKING:
    from kinoform.api.editor import EditorSchema
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1


FIELDS: Fields = {
    **VERSIONED,
    "path": "string or null: the file that was written",
    "schema?": "map: the JSON Schema, where it was not written to a file",
    **PROBLEMS,
}
_CONFIG: Fields = {"NAME": "any: the keys of a JSON Schema"}


@command("schema", targets=True, prints={"--json": FIELDS, "--json --config": _CONFIG})
@click.option("--write", is_flag=True, default=False,
              help="Write it where `kinoform init` told the editor to look.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write it to FILE instead.")
@click.option("--config", is_flag=True, default=False,
              help="Print the schema of config.yaml, the user's own settings, instead.")  # fmt: skip
def schema(show: Show, options: Options, **own: Any) -> None:
    """Print the JSON Schema of this project, for its editor.

    In each step `with` is what the model of that step takes. Works on a pipeline with faults too.

    Example: kinoform schema film --write
    """
    if own.pop("config"):
        show.document(settings_schema())
    else:
        _project(show, options, **own)


def _project(show: Show, options: Options, *, write: bool, output: str | None) -> None:
    if options.targets:
        said = f"{options.targets[0][:60]!r} is no pipeline file or folder"
        raise UsageError(Problem("path-not-found", said))
    made = editor.project_schema(options.path)
    target = Path(output) if output else made.home if write else None
    if target:
        editor.save(made.text, target)
    if options.json:
        _document(show, made, target)
        return
    if made.problems:
        places = many(len(made.problems), "fault")
        show.say(f"the pipeline has {places} (kinoform check says which): what can be read counts")
    if target:
        show.line(f"{target}: the schema of this project")
    else:
        show.lines(made.text)


def _document(show: Show, made: EditorSchema, target: Path | None) -> None:
    problems = [problem_row(problem) for problem in made.problems]
    where = {"path": str(target)} if target else {"path": None, "schema": made.schema}
    show.document({"version": VERSION, **where, "problems": problems})
