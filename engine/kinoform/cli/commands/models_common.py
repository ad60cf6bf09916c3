"""Which models a command sees: the shipped ones, and those of the project that it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.api.models import catalog

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.spec.catalog import Catalog


def known(options: Options) -> Catalog:
    """The catalog; a folder that is no project adds nothing. Raises SpecError."""
    here = (options.path / "pipeline.yaml").is_file()
    return catalog(options.path if here else None)
