"""The end of a run: one document or a few lines, the command to look at it, the exit status."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.api import outlets, picking, planfile, retaking
from kinoform.cli import choosing
from kinoform.cli.exits import Exit
from kinoform.cli.opening import again
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.graph import build
from kinoform.core.money import ZERO, dollars
from kinoform.core.report import RunReport
from kinoform.views import run as views
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.errors import Problem
    from kinoform.core.report import Ended
    from kinoform.core.types import Step
    from kinoform.views.fields import Fields

FIELDS: Fields = {**views.FIELDS, **PROBLEMS}
_LOST = 8  # results that are named one by one
_MISSING = ("no-provider", "no-key")
_OPENERS = {"darwin": "open", "win32": "start"}


def say(
    show: Show, found: Opened, planned: Planned, report: RunReport, options: Options, words: str
) -> None:
    """What came of it; `words` are those that go on from here."""
    problems, here = told(planned, report), _project_words(found, options)
    named = few(problems)
    show.problems(named)
    if len(problems) > len(named):
        lost = again("status", here, ["--select", "state:lost"])
        show.say(f"and {len(problems) - len(named):,} more are lost: {lost}")
    gates = _gates(planned, report)
    more = [retaking.problem(e, choosing.take(here, e)) for e in retaking.ended(planned, report)]
    if show.json:
        waits = (picking.gate_problem(step, choosing.answer(here, step)) for step in gates)
        rows = [problem_row(problem) for problem in (*problems, *waits, *more)]
        show.document(views.document(report, planned.graph, _path_of(found, planned), rows))
        return
    takes = (f"{each.message}: {each.hint}" for each in more)
    for line in (*_lines(found, planned, report, words), *choosing.waiting(here, gates), *takes):
        show.line(line)


def told(planned: Planned, report: RunReport) -> tuple[Problem, ...]:
    """What went wrong; a loss that stops nothing, as nobody needs it today, is no error."""
    problems = (*report.problems(), *report.notes)
    if not report.counts()["lost"]:
        return problems
    needed = set(planned.lost)
    gone = (ended for ended in report.ended if ended.outcome == "lost")
    calm = {p for ended in gone if ended.step not in needed for p in ended.problems}
    return tuple(replace(p, severity="warning") if p in calm else p for p in problems)


def few(problems: Sequence[Problem]) -> list[Problem]:
    """Without most of what is lost, where that is much: in a fresh clone it is the whole film."""
    lost = [number for number, problem in enumerate(problems) if problem.code == "lost"]
    left_out = {*lost[_LOST:]}
    return [problem for number, problem in enumerate(problems) if number not in left_out]


def _gates(planned: Planned, report: RunReport) -> list[Step]:
    """Reviews that wait for a person, once the run has made all there is to choose from."""
    made = {"done", "reused", "skipped"}
    unmade = {ended.step for ended in report.ended if ended.outcome not in made}
    return picking.gates(planned, unmade)


def _project_words(found: Opened, options: Options) -> Options:
    """The words that name this project, also where a plan file was run."""
    path = found.project.pipeline if options.path.suffix == planfile.SUFFIX else options.path
    own = found.setting
    return replace(options, path=path, profile=own.profile, vars=own.variables, draft=own.draft)


def idle(show: Show, found: Opened, why: Problem, *, events: bool) -> None:
    """Nothing was begun, because no step is in a state that was asked for."""
    if show.json:
        empty, rows = RunReport("", ()), [problem_row(why)]
        show.document(views.document(empty, build(()), lambda *_: None, rows))
    if show.json or events:
        show.problems([why])
    else:
        show.line(f"{found.project.name}: nothing to do: {why.message}")


def status(planned: Planned, report: RunReport, *, interrupted: bool) -> Exit:
    """The exit status of a run."""
    counts = report.counts()
    if interrupted:
        return Exit.INTERRUPTED
    if counts["failed"] or any(step.exit == Exit.FAILED for step in report.ended):
        return Exit.FAILED
    if any(step.exit == Exit.SPEND for step in report.ended):
        return Exit.SPEND
    if any(step.exit == Exit.ENVIRONMENT for step in report.ended):
        return Exit.ENVIRONMENT
    if _unprovided(report) or any(note.severity == "error" for note in report.notes):
        return Exit.ENVIRONMENT
    if planned.lost:
        return Exit.SPEND
    return Exit.ENVIRONMENT if counts["blocked"] else Exit.DONE


def _unprovided(report: RunReport) -> bool:
    """Whether steps ended for lack of a provider or key: the same command would end so again."""
    return any(problem.code in _MISSING for problem in report.problems())


def _path_of(found: Opened, planned: Planned) -> views.Path:
    names_ = outlets.naming(planned, draft=bool(found.setting.draft))

    def path(step: Step, end: Ended, number: int) -> str | None:
        """Where an output lies in the project folder, under its current name."""
        names = [n for n, _ in outlets.files(end, step.takes, names_)]
        name = names[number - len(end.outputs)]
        return name if not step.hidden and (found.project.root / name).exists() else None

    return path


def _lines(found: Opened, planned: Planned, report: RunReport, words: str) -> Iterator[str]:
    draft = bool(found.setting.draft)
    yield f"{found.project.name}: {views.headline(report, planned.graph)}"
    yield from views.money(report, planned.price_real, draft=draft)
    begun = [] if draft else found.project.under_way()
    under_way = [task for task in begun if task.state != "unknown"]  # of which a problem tells
    if under_way:
        held = dollars(sum((task.reserved for task in under_way), ZERO))
        do = "runs on" if len(under_way) == 1 else "run on"
        yield f"{many(len(under_way), 'task')} ({held}) {do} at the provider: resume goes on"
    lots = planned.plan.decisions.lots
    gated = {name for lot in lots if lot.verdict == "pick" for name in lot.ids}
    if views.unfinished(report, gated) and not _unprovided(report):
        yield f"go on with: {words}"
    if not views.worked(report):
        return
    folder = found.project.root / ("out/draft" if draft else "out")
    yield f"everything is in {os.path.relpath(folder)}"
    best = views.best(report, planned.graph, _path_of(found, planned))
    if best is not None:
        here = os.path.relpath(found.project.root / best)
        yield f"look at it: {_OPENERS.get(sys.platform, 'xdg-open')} {shlex.quote(here)}"
