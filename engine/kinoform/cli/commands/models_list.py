"""`kinoform models list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.cli.commands.models_common import known
from kinoform.cli.options import command
from kinoform.views import models as views

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("list")
def listing(show: Show, options: Options) -> None:
    """List the models.

    Those of the project in this folder (or -C DIR) are listed too.

    Example: kinoform models list
    """
    found = [views.row(model.document) for model in known(options).values()]
    if options.json:
        show.document({"version": views.VERSION, "models": found})
    else:
        show.rows(views.HEAD, map(views.cells, found))
