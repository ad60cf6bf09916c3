"""`kinoform plan`: what a run would do, why, and what it may cost."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.planning import Asked
from kinoform.cli.chaining import consequences
from kinoform.cli.exits import Exit
from kinoform.cli.opening import no_providers, not_here, opened
from kinoform.cli.options import command
from kinoform.cli.selection import selecting
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import Problem, UsageError, in_order
from kinoform.core.money import dollars
from kinoform.spec.fan import MAX_INSTANCES
from kinoform.views import choices, fold
from kinoform.views import plan as plans
from kinoform.views.fields import within
from kinoform.views.words import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

HEAD = ("step", "verdict", "why", "price")
_SCOPE = (
    click.option("--only", is_flag=True, default=False,
                 help="Make just these steps, and nothing that they need."),
    click.option("--force", is_flag=True, default=False, help="Make local steps again."),
    click.option("--rebuy", multiple=True, metavar="EXPR",
                 help="Buy lost or refused steps once more."),
    click.option("--final", multiple=True, metavar="EXPR",
                 help="With --draft: make these in earnest, and what they need."),
    click.option("--frozen", is_flag=True, default=False,
                 help="From lock and store alone: buy nothing, record nothing."),
    click.option("--max-steps", type=click.IntRange(1), default=MAX_INSTANCES, metavar="N",
                 help="Allow more instances than usual."),
)  # fmt: skip


def scoped(work: Any) -> Any:
    """The options that say what a plan covers; they arrive as words of `asked`."""
    for option in reversed(_SCOPE):
        work = option(work)
    return selecting(work)


def asked(options: Options, own: Mapping[str, Any]) -> Asked:
    """What the words ask for. Raises UsageError."""
    if own["frozen"] and own["rebuy"]:
        said = "--frozen buys nothing, and --rebuy buys"
        raise UsageError(Problem("bad-usage", said, hint="take one of them"))
    if own["final"] and not options.draft:
        said = "--final says what is made in earnest while the rest is drafted"
        raise UsageError(Problem("bad-usage", said, hint="say --draft too, or name it as a target"))
    return Asked(
        options.targets,
        own["select"],
        own["exclude"],
        own["force"],
        own["rebuy"],
        own["only"],
        own.get("retry", False),
        own.get("retake", False),
        final=own["final"],
    )


FIELDS: Fields = {
    **plans.FIELDS,
    **PROBLEMS,
    "models?": "list: aliases with several candidates, where there are any",
    **within("models[]", choices.FIELDS),
}


@command("plan", targets=True, prints={"--json": FIELDS})
@scoped
@click.option("--all", "everything", is_flag=True, default=False,
              help="List every instance, and inserted frames.")  # fmt: skip
@click.option("--detailed-exitcode", "detailed", is_flag=True, default=False,
              help="Exit 10 when there is work to do.")  # fmt: skip
@click.option("-o", "--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the plan to FILE, to be run just so or not at all.")  # fmt: skip
def plan(show: Show, options: Options, *, everything: bool, detailed: bool, **own: Any) -> int:
    """Say what a run would do, why, and what it may cost.

    Free and offline; writes nothing but FILE.

    Example: kinoform plan film clip@s020 --draft
    """
    found, words = opened(options, own["max_steps"], frozen=own["frozen"]), asked(options, own)
    planned = found.project.plan(words)
    if own["out"] is not None:
        from kinoform.api import planfile  # noqa: PLC0415  (for `-o` alone)

        planfile.save(own["out"], found.project.pipeline, found.setting, words, planned)
        show.say(f"run it with: kinoform run {shlex.quote(str(own['out']))}")
    said = _said(found, planned, options)
    if options.json:
        name, real = found.project.name, planned.price_real
        made = plans.document(name, planned.plan, planned.graph, real, everything=everything)
        models = choices.documents(planned.choices)
        nothing = (planned.nothing,) if planned.nothing else ()
        made["problems"] = [problem_row(p) for p in (*nothing, *said)]
        show.document({**made, "models": models} if models else made)
    else:
        _print(show, found, planned, everything=everything)
        show.problems(said)
    if _refused(found, planned):
        return Exit.SPEND
    return Exit.WORK if detailed and planned.plan.decisions.active.lots else Exit.DONE


def _print(show: Show, found: Opened, planned: Planned, *, everything: bool) -> None:
    lots = plans.outlined(planned.plan, everything=everything)
    rows = (plans.rows if everything else fold.folded)(lots, planned.graph)
    if rows:
        show.rows(*squeezed(HEAD, rows), right=("price",))
        show.line("")
    for line in (*summary(found, planned), *choices.lines(planned.choices)):
        show.line(line)


def _said(found: Opened, planned: Planned, options: Options) -> tuple[Problem, ...]:
    """What a plan warns of: requests and media, changed model files, chains, missing providers."""
    if found.setting.frozen:
        return in_order((*planned.warnings, *planned.plan.notes, *_refused(found, planned)))
    lacks = (*no_providers(planned, found.setting), *not_here(planned))
    more = (*consequences(planned, options), *lacks)
    return in_order((*planned.warnings, *planned.plan.notes, *more))


def _refused(found: Opened, planned: Planned) -> tuple[Problem, ...]:
    """Why a frozen build cannot carry this out."""
    if not found.setting.frozen:
        return ()
    from kinoform.api.frozen import refusals  # noqa: PLC0415  (for `--frozen` alone)

    return refusals(planned)


def summary(found: Opened, planned: Planned) -> Iterator[str]:
    """What there is to do and what it may cost, in two or three lines."""
    if planned.nothing is not None:
        yield f"{found.project.name}: nothing to do: {planned.nothing.message}"
        return
    yield f"{found.project.name}: {plans.headline(plans.outlined(planned.plan))}"
    if not found.setting.draft:
        yield plans.cost(planned.plan)
    elif planned.plan.price.worst or planned.plan.unpriced:
        yield f"{plans.cost(planned.plan)}; the rest is drafted; all in earnest {dollars(planned.price_real)}"
    else:
        yield f"this draft is free; in earnest {dollars(planned.price_real)}"
