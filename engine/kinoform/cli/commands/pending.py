"""`kinoform pending`: what was paid for, or may have been, and is not here yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kinoform.api import tasks
from kinoform.api.home import open_home
from kinoform.cli.exits import Exit
from kinoform.cli.options import command
from kinoform.cli.paying import said_path, scope
from kinoform.views import pending as views
from kinoform.views.words import squeezed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.tasks import Task


@command("pending", targets=True, prints={"--json": views.FIELDS})
def pending(show: Show, options: Options) -> int:
    """List paid or possibly paid work without a result, and how to go on with it.

    Outside a project and without PATH: all of yours. Exits 4 if something needs your decision.

    Example: kinoform pending film
    """
    home = open_home()
    project, now = scope(home, options), time.time()
    found = tasks.named(tasks.pending(home, project), options.targets)
    if options.json:
        show.document(views.document(found, now, project))
    else:
        _table(show, options, found, now, everywhere=not project)
    return Exit.SPEND if views.stuck(found) else Exit.DONE


def _table(
    show: Show,
    options: Options,
    found: Sequence[Task],
    now: float,
    *,
    everywhere: bool,
) -> None:
    if found:
        rows = views.rows(found, now, projects=everywhere)
        show.rows(*squeezed(views.HEAD, rows), right=views.RIGHT)
        show.line("")
    show.line(views.headline(found))
    for line in views.advice(found, said_path(options)):
        show.line(line)
