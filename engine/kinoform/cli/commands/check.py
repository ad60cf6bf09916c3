"""`kinoform check`: the whole offline check of a pipeline."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.lockcheck import check_lock
from kinoform.cli.exits import Exit
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import SpecError
from kinoform.views.fields import VERSIONED
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kinoform.api.lockcheck import LockCheck
    from kinoform.api.project import Project
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.errors import Problem
    from kinoform.views.fields import Fields

VERSION = 1


FIELDS: Fields = {
    **VERSIONED,
    "name": "string or null: of the pipeline; null where it cannot be read",
    "steps": "integer: instances",
    **PROBLEMS,
    "lock?": "map: only with --lock",
    "lock.valid": "boolean: every record can be read",
    "lock.records": "integer: of results",
    "lock.inputs": "integer: pinned addresses",
    "lock.steps": "integer: instances that have records",
    "lock.artifacts": "integer: results that they name",
    "lock.missing": "map: instances to how many of their artifacts are not here",
    "lock.missing.NAME": "integer: of this instance",
    "lock.models": "map: models to how many records were made under another file of theirs",
    "lock.models.NAME": "integer: of this model",
    "lock.orphans": "list: records and picks of steps that are not in the file",
    "lock.orphans[].step": "string: the id that they have",
    "lock.orphans[].now": "string or null: the step that it may be called today",
}


@command("check", targets=True, prints={"--json": FIELDS})
@click.option("--lock", is_flag=True, default=False,
              help="Check the lock and the picks as well.")  # fmt: skip
def check(show: Show, options: Options, *, lock: bool) -> int | None:
    """Check a pipeline: file, templates, references, requests, media.

    Sends nothing and spends nothing. Every fault is said at once, at its place.

    Example: kinoform check film
    """
    project = opened(options).project
    try:
        warnings = project.check()
    except SpecError as error:
        if not options.json:
            raise
        problems = [problem_row(problem) for problem in error.problems]
        show.document({"version": VERSION, "name": None, "steps": 0, "problems": problems})
        show.problems(error.problems)
        return error.exit
    found = check_lock(project) if lock else None
    told = (*warnings, *(found.problems if found else ()))
    if options.json:
        show.document(_document(project, told, found))
    else:
        show.problems(told)
        show.line(f"{project.name}: {_counted(project)}, all well")
    if found is None:
        return None
    if found.valid and not options.json:
        show.line(_locked(found))
    return Exit.DONE if found.valid else Exit.INVALID


def _document(
    project: Project, problems: Iterable[Problem], found: LockCheck | None
) -> dict[str, Any]:
    """As `FIELDS` says; `lock` where it was asked for."""
    steps = [step for step in project.compiled.graph.patterns if not step.hidden]
    rows = [problem_row(problem) for problem in problems]
    made = {"version": VERSION, "name": project.name, "steps": len(steps), "problems": rows}
    return made if found is None else {**made, "lock": _lock(found)}


def _lock(found: LockCheck) -> dict[str, Any]:
    return {
        "valid": found.valid,
        "records": found.records,
        "inputs": found.inputs,
        "steps": found.steps,
        "artifacts": found.artifacts,
        "missing": found.missing,
        "models": found.older,
        "orphans": [{"step": each.step, "now": each.now or None} for each in found.orphans],
    }


def _locked(found: LockCheck) -> str:
    parts = [f"{many(found.records, 'record')} of {many(found.steps, 'step')}"]
    parts += [many(found.artifacts, "artifact")]
    parts += [many(found.inputs, "pinned address", "pinned addresses")] if found.inputs else []
    return f"kinoform.lock: {', '.join(parts)}, every record can be read"


def _counted(project: Project) -> str:
    steps = [step for step in project.compiled.graph.patterns if not step.hidden]
    kinds = Counter("left out" if step.skip else step.op.kind for step in steps)
    parts = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
    return f"{many(len(steps), 'step')} ({parts})" if parts else "no steps"
