"""`kinoform why`: what changed since a step was made, and what it costs to catch up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.cli.opening import opened, wanted
from kinoform.cli.options import command
from kinoform.core.money import dollars
from kinoform.core.select import select
from kinoform.views import why as views
from kinoform.views.words import many

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.why import Bill


@command("why", targets=True)
def why(show: Show, options: Options) -> None:
    """Say what changed since a step was made, and what catching up costs.

    Changed words are shown; a changed input is followed to the step that changed.

    Example: kinoform why film clip@s020
    """
    names = wanted(options, "why")
    found = opened(options)
    planned = found.project.plan()
    inquiry, rows = views.Inquiry(planned.plan, planned.survey), []
    for number in sorted(select(planned.graph, names)):
        step, bill = planned.graph.steps[number], inquiry.bill(number)
        for take in range(1, step.takes + 1):
            cause = inquiry.ask(number, take)
            rows.append({**views.row(cause), "take": take, **views.bill_row(bill)})
            if not options.json:
                for line in views.lines(cause):
                    show.line(line)
        if not options.json and bill.whole_runs:
            show.line(_money(bill))
    if options.json:
        name = found.project.name
        show.document({"version": views.VERSION, "name": name, "steps": rows})


def _money(bill: Bill) -> str:
    own = f"{many(bill.runs, 'run')}, {dollars(bill.own.expected)}" if bill.runs else "nothing"
    whole = f"{many(bill.whole_runs, 'run')}, {dollars(bill.whole.expected)}"
    return f"  to bring it up to date: {own}; with all that is made from it: {whole}"
