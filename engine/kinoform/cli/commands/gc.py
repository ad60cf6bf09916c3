"""`kinoform gc`: remove what nobody needs, after showing it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import garbage
from kinoform.api.home import open_home
from kinoform.cli.options import command
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.errors import Problem, UsageError
from kinoform.core.garbage import Policy
from kinoform.views import care as views
from kinoform.views.fields import VERSIONED, within
from kinoform.views.words import many, squeezed

if TYPE_CHECKING:
    from kinoform.api.garbage import Collected
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1
_DAYS = 30.0


FIELDS: Fields = {
    **VERSIONED,
    "done": "boolean: whether anything was removed, or only shown",
    "removed": "integer: objects",
    "free": "integer: bytes that this freed",
    "days": "number: what is in use since then stays",
    "paid": "boolean: whether paid results were allowed to go",
    "objects": "list: everything in the store, what stays as well",
    **within("objects[]", views.FATE),
    **PROBLEMS,
}


@command("gc", prints={"--json": FIELDS})
@click.option("--older-than", "days", type=click.FloatRange(0), metavar="DAYS", default=None,
              help="Not in use for so long; 30 unless given.")  # fmt: skip
@click.option("--paid", is_flag=True, default=False,
              help="Also what was paid for; only together with --older-than.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, default=False, help="Show what stays, too.")
@click.option("--yes", is_flag=True, default=False, help="Remove it; without, it is only shown.")
def gc(show: Show, options: Options, **own: Any) -> None:
    """Show which drafts and local results nobody needs any more; with --yes, remove them.

    Covers all of your projects. What was paid for stays, and so does everything that a project has
    now, that an open task names, or that is younger than an hour.

    Example: kinoform gc --older-than 7
    """
    policy, home = _policy(own["days"], paid=own["paid"]), open_home()
    if own["yes"]:
        found = garbage.collect(home, policy, on_wait=lambda who: show.say(f"waiting: {who}"))
    else:
        found = garbage.look(home, policy, time.time())
    show.problems(found.problems)
    if options.json:
        show.document(_document(found))
    else:
        _table(show, found, everything=own["everything"])


def _policy(days: float | None, *, paid: bool) -> Policy:
    """What may go. Raises UsageError for paid results without an age."""
    if paid and days is None:
        said = "--paid needs --older-than DAYS: what was paid for goes by age only"
        raise UsageError(Problem("paid-needs-age", said, hint="as in: --paid --older-than 365"))
    return Policy(_DAYS if days is None else days, paid)


def _table(show: Show, found: Collected, *, everything: bool) -> None:
    for goes in (True, False) if everything else (True,):
        rows = views.collection(found.fates, goes=goes)
        if rows:
            show.line("goes:" if goes else "stays:")
            show.rows(*squeezed(views.HEAD, rows), right=views.RIGHT)
            show.line("")
    going = [fate for fate in found.fates if fate.goes]
    size = views.weight(sum(fate.thing.size for fate in going))
    if found.done:
        show.line(f"{many(found.removed, 'object')} removed, {views.weight(found.free)} free")
    elif going:
        show.line(f"{many(len(going), 'object')} to remove, {size}; --yes removes them")
    else:
        show.line("nothing to remove")


def _document(found: Collected) -> dict[str, Any]:
    """As `FIELDS` says."""
    return {
        "version": VERSION,
        "done": found.done,
        "removed": found.removed,
        "free": found.free,
        "days": found.policy.days,
        "paid": found.policy.paid,
        "objects": [views.fate(fate) for fate in found.fates],
        "problems": [problem_row(problem) for problem in found.problems],
    }
