"""`kinoform history`: everything that was ever made for a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.api import picking
from kinoform.api.planning import Asked
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, needed, numbers, selecting
from kinoform.views import history as views
from kinoform.views.words import squeezed

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("history", targets=True, prints={"--json": views.FIELDS})
@selecting
def history(show: Show, options: Options, **own: Any) -> None:
    """List everything that was ever made for a step: when, by what, for how much, where it is.

    What was made by an earlier recipe or under an earlier name is there, too, and what was lost.

    Example: kinoform history film still@s020
    """
    words = needed(options, asked(options, own), "history")
    found = opened(options)
    project = found.project
    planned = project.plan(Asked(lock=True))
    wanted = sorted(numbers(show, found, planned, words) or ())
    steps = [planned.graph.steps[number] for number in wanted]
    made = views.in_time(picking.candidates(project, planned, steps))
    if show.json:
        rows = [views.entries(each, picking.paths(project, planned, each)) for each in made]
        artifacts = [row for part in rows for row in part]
        document = {"version": views.VERSION, "name": project.name, "artifacts": artifacts}
        show.document(document)
    elif made:
        told = views.rows(made, lambda each: picking.paths(project, planned, each))
        head, lines = squeezed(views.HEAD, told)
        show.rows(head, lines, right=views.RIGHT)
    else:
        show.line(f"{project.name}: nothing was made yet")
