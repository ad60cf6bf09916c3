"""`kinoform models list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kinoform.cli.commands.models_common import known
from kinoform.cli.options import command
from kinoform.views import models as views

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("list", prints={"--json": views.FIELDS})
@click.option("--pages", is_flag=True, default=False,
              help="List models that are not shipped, and the page to import for each.")  # fmt: skip
def listing(show: Show, options: Options, *, pages: bool) -> None:
    """List the models.

    Those of the project in this folder (or -C DIR) are listed too.

    Example: kinoform models list
    """
    catalog = known(options)
    found = [views.row(model.document) for model in catalog.values()]
    if options.json:
        show.document({"version": views.VERSION, "models": found, "pages": catalog.pages})
    elif pages:
        show.rows(("id", "page to save and import"), catalog.pages.items())
    else:
        show.rows(views.HEAD, map(views.cells, found))
        show.say(f"{len(catalog.pages)} more can be imported: kinoform models list --pages")
