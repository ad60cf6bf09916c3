"""`kinoform models show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kinoform.cli import reference_schema
from kinoform.cli.commands.models_common import known
from kinoform.cli.options import command
from kinoform.spec.judge import class_of
from kinoform.views import models as views
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.spec.catalog import Model
    from kinoform.views.fields import Fields


FIELDS: Fields = {
    **VERSIONED,
    "model": "map: the model file as it is, in the form of `schemas/model.json`",
}


@command("show", prints={"--json": FIELDS})
@click.argument("model")
def details(show: Show, options: Options, model: str) -> None:
    """Show what a model takes, makes and costs.

    Example: kinoform models show wavespeed/kwaivgi/kling-image-o3
    """
    found = known(options)[model]
    if options.json:
        show.document({"version": views.VERSION, "model": dict(found.document)})
        return
    for line in views.about(found.document):
        show.line(line)
    for line in views.parameters(_parameters(found)):
        show.line(line)
    for title, head, rows in views.tables(found.document):
        show.line("")
        show.line(title)
        show.rows(head, rows)


def _parameters(model: Model) -> Iterator[views.Parameter]:
    request = model.table("request")
    needed = set(request.get("required", ()))
    for path, part in reference_schema.walked(request, request):
        yield views.Parameter(
            name=path,
            required=path in needed,
            kind=reference_schema.kind(part, request),
            limits=reference_schema.limits(part).replace("`", ""),
            group=class_of(model, path.replace("[]", "")),
            about=str(part.get("description", "")),
        )
