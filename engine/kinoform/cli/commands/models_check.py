"""`kinoform models check`: one wire request judged, without a project."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from kinoform.cli.commands.models_common import known
from kinoform.cli.exits import Exit
from kinoform.cli.options import command
from kinoform.core.errors import Problem, SpecError, UsageError
from kinoform.spec.judge import judge_wire

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

MAX_BYTES = 64 * 1024 * 1024


FIELDS: Fields = {
    "model": "string: the full model id",
    "valid": "boolean: no problem is an error",
    "problems": "list: every rule that the request breaks",
    "problems[].code": "string: the rule, one of the [error codes](errors.md)",
    "problems[].severity": "string: error or warning",
    "problems[].path": "string: the field, or several",
    "problems[].message": "string: the rule and what was seen",
}


@command("check", prints={"--json": FIELDS})
@click.argument("model")
@click.argument("request_file", metavar="REQUEST.json")
def check(show: Show, options: Options, model: str, request_file: str) -> Exit:
    """Judge one request exactly as sent.

    REQUEST.json holds one task object with its transport fields; - reads standard input.

    Example: kinoform models check runware/klingai:kling-image@o3 request.json
    """
    found = known(options)[model]
    findings = judge_wire(found, _read(options, request_file))
    valid = not any(finding.severity == "error" for finding in findings)
    if options.json:
        rows = [
            {"code": f.code, "severity": f.severity, "path": f.path, "message": f.message}
            for f in findings
        ]
        show.document({"model": found.id, "valid": valid, "problems": rows})
    else:
        show.problems(
            Problem(f.code, f.message, None, f.hint, f.path, f.severity) for f in findings
        )
        show.line(f"{found.id}: {'valid' if valid else 'not valid'}")
    return Exit.DONE if valid else Exit.INVALID


def _read(options: Options, name: str) -> Any:
    try:
        data = sys.stdin.buffer.read(MAX_BYTES) if name == "-" else _bytes(options.path / name)
    except OSError as error:
        said = f"{name}: {error.strerror}"
        raise UsageError(Problem("path-not-found", said, hint="- reads standard input")) from error
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        said = f"{name} is not JSON: {str(error)[:80]}"
        raise SpecError(Problem("not-json", said)) from error


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
