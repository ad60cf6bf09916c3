"""The block `models` against the catalog: every candidate of every alias must be there, used or not.

Which candidate an alias stands for is decided above, where prices and results are known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.spec.catalog import UnknownModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.core.errors import Problem
    from kinoform.spec.catalog import Catalog
    from kinoform.spec.document import Document, ModelChoice


def open_aliases(document: Document) -> dict[str, ModelChoice]:
    """The aliases with more than one candidate."""
    return {alias: one for alias, one in document.models.items() if len(one.ids) > 1}


def alias_faults(models: Mapping[str, ModelChoice], catalog: Catalog) -> Iterator[Problem]:
    """What is wrong with the aliases, each fault at what the alias stands for."""
    for alias, choice in models.items():
        path = f"models.{alias}"
        for name in choice.ids:
            try:
                catalog[name]
            except UnknownModelError as error:
                yield replace(error.problems[0], where=choice.where, path=path)
