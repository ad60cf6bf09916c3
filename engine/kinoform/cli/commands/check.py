"""`kinoform check`: the whole offline check of a pipeline."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.show import problem_row
from kinoform.core.errors import SpecError
from kinoform.views.words import many

if TYPE_CHECKING:
    from kinoform.api.project import Project
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show

VERSION = 1


@command("check", targets=True)
def check(show: Show, options: Options) -> int | None:
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
    steps = [step for step in project.compiled.steps if not step.hidden]
    if options.json:
        problems = [problem_row(problem) for problem in warnings]
        show.document(
            {"version": VERSION, "name": project.name, "steps": len(steps), "problems": problems}
        )
        return None
    show.problems(warnings)
    show.line(f"{project.name}: {_counted(project)}, all well")
    return None


def _counted(project: Project) -> str:
    steps = [step for step in project.compiled.steps if not step.hidden]
    kinds = Counter("left out" if step.skip else step.op.kind for step in steps)
    parts = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
    return f"{many(len(steps), 'step')} ({parts})" if parts else "no steps"
