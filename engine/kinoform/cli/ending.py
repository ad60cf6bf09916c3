"""The end of a run: one document or a few lines, the command to look at it, the exit status."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from kinoform.api import outlets
from kinoform.cli.exits import Exit
from kinoform.cli.show import problem_row
from kinoform.views import run as views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.api.project import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.show import Show
    from kinoform.core.report import Ended, RunReport
    from kinoform.core.types import Step

_OPENERS = {"darwin": "open", "win32": "start"}


def ended(
    show: Show | None, found: Opened, planned: Planned, report: RunReport, *, interrupted: bool
) -> Exit:
    """Say what came of it (to nobody when events were the answer); return the exit status."""
    if show is not None:
        problems = (*report.problems(), *report.notes)
        if show.json:
            rows = [problem_row(problem) for problem in problems]
            path = _path_of(found)
            show.document(views.document(report, planned.graph, path, rows))
        show.problems(problems)
        for line in () if show.json else _lines(found, planned, report):
            show.line(line)
    return _status(planned, report, interrupted=interrupted)


def _status(planned: Planned, report: RunReport, *, interrupted: bool) -> Exit:
    counts = report.counts()
    if interrupted:
        return Exit.INTERRUPTED
    if counts["failed"]:
        return Exit.FAILED
    if any(problem.code == "no-provider" for problem in report.problems()):
        return Exit.ENVIRONMENT
    if planned.lost:
        return Exit.SPEND
    return Exit.ENVIRONMENT if counts["blocked"] else Exit.DONE


def _path_of(found: Opened) -> views.Path:
    draft = bool(found.setting.draft)

    def path(step: Step, end: Ended, number: int) -> str | None:
        """Where an output lies in the project folder, under its current name."""
        names = [n for n, _ in outlets.files(step, end.take, end.key, end.outputs, draft=draft)]
        name = names[number - len(end.outputs)]
        return name if not step.hidden and (found.project.root / name).exists() else None

    return path


def _lines(found: Opened, planned: Planned, report: RunReport) -> Iterator[str]:
    yield f"{found.project.name}: {views.headline(report, planned.graph)}"
    yield from views.money(report, planned.price_real, draft=bool(found.setting.draft))
    best = views.best(report, planned.graph, _path_of(found))
    if best is not None and views.worked(report):
        here = os.path.relpath(found.project.root / best)
        yield f"look at it: {_OPENERS.get(sys.platform, 'xdg-open')} {shlex.quote(here)}"
