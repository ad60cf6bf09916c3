"""`kinoform why`: what changed since a step was made, and what it costs to catch up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.api.since import since
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, needed, numbers, selecting
from kinoform.core.money import dollars
from kinoform.views import why as views
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.types import Price
    from kinoform.views.why import Bill


@command("why", targets=True, prints={"--json": views.FIELDS})
@selecting
def why(show: Show, options: Options, **own: Any) -> None:
    """Say what changed since a step was made, and what catching up costs.

    Changed words are shown; a changed input is followed to the step that changed. In a git
    repository the commit that brought the change is named, and how many steps share it.

    Example: kinoform why film clip@s020
    """
    words = needed(options, asked(options, own), "why")
    found = opened(options)
    planned = found.project.plan()
    inquiry = views.Inquiry(planned.plan, planned.survey)
    told = [
        (inquiry.ask(number, take), take, inquiry.bill(number))
        for number in sorted(numbers(show, found, planned, words) or ())
        for take in range(1, planned.graph.steps[number].takes + 1)
    ]
    asks = {root for cause, _, _ in told for root in views.roots(cause)}
    known = since(found.project, found.setting, planned, asks)
    if options.json:
        rows = [
            {**views.row(cause, known), "take": take, **views.bill_row(bill)}
            for cause, take, bill in told
        ]
        show.document({"version": views.VERSION, "name": found.project.name, "steps": rows})
        return
    for cause, _, bill in told:
        show.lines("\n".join([*views.lines(cause, known), *_money(bill)]))


def _money(bill: Bill) -> Iterator[str]:
    if bill.runs:
        yield f"  to bring it up to date: {_runs(bill.runs, bill.own)}"
    if bill.whole_runs > bill.runs:
        yield f"  with all that is made from it: {_runs(bill.whole_runs, bill.whole)}"


def _runs(number: int, price: Price) -> str:
    cost = f", {dollars(price.expected)}" if price.worst else ""
    return f"{many(number, 'run')}{cost}"
