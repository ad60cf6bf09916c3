"""`kinoform run`: do what the plan says, within what was allowed, and say what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import planfile
from kinoform.api.consent import Consent, tightest
from kinoform.api.frozen import hold
from kinoform.api.inputs import unfetched
from kinoform.api.watch import Watch
from kinoform.cli import ending, progress
from kinoform.cli.chaining import consequences
from kinoform.cli.commands import plan as planning
from kinoform.cli.exits import Exit
from kinoform.cli.interrupt import Interrupt
from kinoform.cli.opening import again, opened
from kinoform.cli.options import command
from kinoform.cli.progress import Tally, watched
from kinoform.cli.selection import typed
from kinoform.cli.spending import Amount, consented
from kinoform.core import binding
from kinoform.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from kinoform.api.planning import Asked, Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Forms

_OPTIONS = (
    click.option("--yes", is_flag=True, default=False, help="Answer the question about money."),
    click.option("--max-cost", type=Amount(), metavar="USD", help="Spend at most this."),
    click.option("--fail-fast", is_flag=True, default=False, help="Start nothing after a failure."),
    click.option("--events", type=click.Choice(["jsonl"]), help="Print each event as JSON."),
)  # fmt: skip


PRINTS: Forms = {"--json": ending.FIELDS, "--events jsonl": progress.FIELDS}


def with_options(work: Any) -> Any:
    """Declare what `run` takes beside the common words and its targets."""
    for option in reversed(_OPTIONS):
        work = option(work)
    return work


@command("run", targets=True, prints=PRINTS)
@planning.scoped
@with_options
def run(show: Show, options: Options, **own: Any) -> int:
    """Make what is missing or was edited, in order, many at once.

    Ctrl-C finishes what has started, once more stops. Running again goes on from there. PATH may be
    a file of `plan -o`: it is run as it stands, or not at all.

    Example: kinoform run film --draft
    """
    refuse(options, own)
    if options.path.suffix == planfile.SUFFIX:
        return _bound(show, options, own)
    found = opened(options, own["max_steps"], frozen=own["frozen"])
    return carry_out(show, options, found, own)


def _bound(show: Show, options: Options, own: dict[str, Any]) -> int:
    """Run a plan that was written down; that is consent up to its worst price."""
    chosen = typed({**own, "frozen": False})
    if options.targets or chosen or options.profile or options.vars or options.draft:
        said = "a plan file says what is run"
        raise UsageError(Problem("bad-usage", said, hint="leave out everything that chooses"))
    plan = planfile.load(options.path)
    most = binding.worst(plan.told)
    ceiling = most if own["max_cost"] is None else min(most, own["max_cost"])
    same = replace(
        options, path=plan.path, profile=plan.profile, vars=plan.variables, draft=plan.draft
    )
    found = opened(same, own["max_steps"], frozen=own["frozen"])
    return carry_out(show, options, found, {**own, "max_cost": ceiling}, plan)


def carry_out(
    show: Show,
    options: Options,
    found: Opened,
    own: dict[str, Any],
    plan: planfile.PlanFile | None = None,
) -> int:
    """The run of an opened project, whatever effects it was opened with; the exit status.

    A `plan` from a file is held against what is planned now. Raises MovedError.
    """
    words = again("retake" if own.get("retake") else "run", options, typed(own))
    asked = planning.asked(options, own) if plan is None else plan.asked
    planned = found.project.plan(asked)
    if plan is not None:
        plan.hold(planned)
    if unfetched(planned):
        found, planned = _fetched(found, planned, asked)
    if planned.nothing is not None:  # no run is begun, so that the last one stays the last
        ending.idle(show, found, planned.nothing, events=bool(own["events"]))
        return Exit.DONE
    if plan is None and found.project.recover(planned):
        planned = found.project.plan(asked)
    if found.setting.frozen:
        hold(planned)
    _announce(show, planning.summary(found, planned), planned)
    show.problems(consequences(planned, options))
    said = Consent(own["yes"], own["max_cost"])
    ceilings = tightest(found.setting.budget, found.project.document.budget)
    consent = consented(show, planned, found.setting.hosted.known, ceilings, said)
    with watched(show, _tally(planned), own["events"] or "") as watcher:
        stop = Interrupt(lambda presses: watcher.say(_stopping(presses, words)))
        watch = Watch(watcher.hear, stop.routed, own["fail_fast"], watcher.rest)
        report = found.project.run(planned, consent, watch)
    if own["events"]:
        show.problems(ending.told(planned, report))
    else:
        # What waits has not failed: after an interruption it takes a run to go on.
        failed = own.get("retry") and any(report.counts()[way] for way in ("failed", "blocked"))
        then = again("retry", options, typed(own)) if failed and not stop.presses else words
        ending.say(show, found, planned, report, options, then)
    return ending.status(planned, report, interrupted=bool(stop.presses))


def _fetched(found: Opened, planned: Planned, asked: Asked) -> tuple[Opened, Planned]:
    """With what the addresses of the film give. Raises EnvError."""
    from kinoform.api.fetching import brought  # noqa: PLC0415  (few films read an address)

    project = brought(found.project, found.setting, planned)
    if project is found.project:
        return found, planned
    return replace(found, project=project), project.plan(asked)


def refuse(options: Options, own: dict[str, Any]) -> None:
    """Raises UsageError for what cannot be printed on one stream."""
    if options.json and own["events"]:
        said = "--json and --events both write to standard output"
        raise UsageError(Problem("bad-usage", said, hint="take one of them"))


def _tally(planned: Planned) -> Tally:
    graph = planned.graph
    every = zip(graph.ids, graph.patterns, strict=True)
    hidden = frozenset(name for name, step in every if step.hidden)
    active = planned.plan.decisions.active.lots
    return Tally(sum(len(lot) for lot in active if not lot.pattern.hidden), hidden)


def _announce(show: Show, summary: Any, planned: Planned) -> None:
    """What is about to happen; nothing when nothing is, as the end says that."""
    if planned.plan.decisions.active.lots:
        for line in summary:
            show.say(line)
    show.problems((*planned.warnings, *planned.plan.notes))


def _stopping(presses: int, words: str) -> str:
    if presses > 1:
        return f"stopped; {words} goes on from here"
    what = "finishing local work and open requests, nothing new is sent"
    return f"{what}; Ctrl-C again stops at once; {words} goes on from here"
