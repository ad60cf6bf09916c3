"""`kinoform graph`: the pipeline as a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.views import graph as views

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("graph", targets=True, prints={"--json": views.FIELDS})
@click.option("--format", "form", type=click.Choice(list(views.FORMATS)), default="mermaid",
              show_default=True, help="The language of the drawing.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, default=False,
              help="Every instance and inserted frame.")  # fmt: skip
def graph(show: Show, options: Options, *, form: str, everything: bool) -> None:
    """Draw the pipeline as text for mermaid or Graphviz.

    A step over many shots is one node; prev and next mark edges between neighbours.

    Example: kinoform graph film --format dot | dot -Tsvg > film.svg
    """
    found = opened(options)
    planned = found.project.plan()
    drawn = views.drawing(planned.plan, planned.graph, everything=everything)
    if options.json:
        show.document(views.document(found.project.name, drawn))
    else:
        show.lines(views.text(drawn, form))
