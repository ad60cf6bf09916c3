"""`kinoform status`: what is made, what matches its recipe, what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kinoform.api import picking, tasks
from kinoform.api.orphans import orphans
from kinoform.api.planning import Asked
from kinoform.cli import choosing, grading
from kinoform.cli.opening import again, not_here, opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, matching, numbers, selecting
from kinoform.cli.show import problem_row
from kinoform.views import pending
from kinoform.views import plan as plans
from kinoform.views import status as views
from kinoform.views.words import many, squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.errors import Problem

_SHOWN = 8  # records of steps that are not there, one by one


@command("status", targets=True, prints={"--json": {**views.FIELDS, **grading.FIELDS}})
@selecting
@click.option("--all", "everything", is_flag=True, default=False,
              help="List every instance, and inserted frames.")  # fmt: skip
def status(show: Show, options: Options, *, everything: bool, **own: Any) -> None:
    """Say what is made, up to date, and chosen.

    Example: kinoform status film --all
    """
    found = opened(options)
    planned = found.project.plan(Asked(lock=True))
    chosen = numbers(show, found, planned, asked(options, own))
    lots = matching(plans.outlined(planned.plan, everything=everything), chosen)
    held = views.held(lots, planned.survey)
    tallies = views.tallies(held, planned.survey.world.picks)
    counts = views.counts(tallies)
    orphaned = [orphan.problem() for orphan in orphans(found.project, lambda: planned)]
    if options.json:
        rows = views.standings(held, planned.survey)
        show.document(_document(found, planned, counts, rows, orphaned))
        return
    if everything or chosen is not None:
        show.rows(*squeezed(views.HEAD_ALL, views.each(views.standings(held, planned.survey))))
    else:
        show.rows(*squeezed(views.HEAD, views.folded(tallies)), right=views.HEAD[1:])
    show.line("")
    show.line(f"{found.project.name}: {_sum(counts)}")
    for line in choosing.waiting(options, picking.gates(planned)):
        show.line(line)
    if begun := tasks.pending(found.project.home, tasks.scope(options.path)):
        show.line(f"pending: {pending.headline(begun)}: {again('pending', options)}")
    grading.said(show, found, planned)
    show.problems((*not_here(planned), *orphaned[:_SHOWN]))
    if len(orphaned) > _SHOWN:
        show.say(f"and {len(orphaned) - _SHOWN:,} more: {again('check', options, ['--lock'])}")


def _document(
    found: Opened,
    planned: Planned,
    counts: Mapping[str, int],
    rows: Sequence[views.Standing],
    orphaned: Sequence[Problem],
) -> dict[str, Any]:
    name, steps = found.project.name, [*map(views.entry, rows)]
    said = {"version": views.VERSION, "name": name, "counts": counts, "steps": steps}
    graded = grading.document(found, planned)
    graded["problems"] += map(problem_row, (*not_here(planned), *orphaned))
    return said | graded


def _sum(counts: Mapping[str, int]) -> str:
    parts = [
        many(counts["instances"], "step"),
        f"{counts['present']:,} made",
        f"{counts['matching']:,} up to date",
    ]
    parts += [f"{counts[name]:,} {name}" for name in ("chosen", "waiting", "lost") if counts[name]]
    return ", ".join(parts)
