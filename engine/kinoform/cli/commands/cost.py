"""`kinoform cost`: what was estimated, is reserved, was paid, and for what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import tasks
from kinoform.api.home import open_home
from kinoform.cli.options import command
from kinoform.cli.paying import scope
from kinoform.core.costs import GROUPS, MONEY
from kinoform.core.errors import Problem, UsageError
from kinoform.views import costs as views
from kinoform.views.words import squeezed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.costs import Spent


@command("cost", targets=True, prints={"--json": views.FIELDS})
@click.option("--by", type=click.Choice(GROUPS), default="step", help="One row for each of these.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="From this day on, such as 2026-11-20.")  # fmt: skip
@click.option("--csv", "sheet", is_flag=True, default=False, help="Comma-separated, for a sheet.")
def cost(show: Show, options: Options, **own: Any) -> None:
    """Sum up what was estimated, is reserved, was paid, was refused and was wasted, in USD.

    Outside a project and without PATH: all of yours. Drafts cost nothing and are not in it.

    Example: kinoform cost film --by model
    """
    if options.json and own["sheet"]:
        raise UsageError(Problem("bad-usage", "--json and --csv exclude each other"))
    home, by, since = open_home(), own["by"], own["since"]
    project = scope(home, options)
    begin = since.timestamp() if since else 0.0
    found = tasks.spent(home, _day, project, options.targets)
    found = [each for each in found if each.at >= begin]
    if options.json:
        said = {"project": project or None, "since": since and since.date().isoformat()}
        show.document(views.document(found, by, said))
    elif own["sheet"]:
        show.lines(views.table(found, by))
    else:
        _table(show, found, by)


def _day(at: float) -> str:
    """The day where the user is."""
    return datetime.fromtimestamp(at, UTC).astimezone().date().isoformat()


def _table(show: Show, found: Sequence[Spent], by: str) -> None:
    if not found:
        show.line("nothing was bought")
        return
    show.rows(*squeezed(views.head(by), views.rows(found, by)), right=("tasks", *MONEY))
    show.line("")
    for line in views.words(found):
        show.line(line)
