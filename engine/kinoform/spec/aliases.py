"""Aliases against the catalog: which model a step uses, and which candidates the catalog lacks.

Every candidate of every alias must be there, used or not. Which candidate an alias stands for is
decided above, where prices and results are known.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kinoform.spec.catalog import UnknownModelError
from kinoform.spec.tree import where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.core.errors import Problem
    from kinoform.spec.catalog import Catalog, Model
    from kinoform.spec.document import Document, ModelChoice, StepDecl


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


def model_of(
    decl: StepDecl,
    aliases: Mapping[str, ModelChoice],
    chosen: Mapping[str, str],
    catalog: Catalog,
) -> Model | None:
    """The model that a step uses: the one `chosen` for its alias, else the alias's first candidate.

    None where the catalog lacks that candidate, which `alias_faults` says. Raises UnknownModelError
    for a name that is no alias, with its one problem at the step's `uses`.
    """
    alias = aliases.get(decl.uses)
    try:
        return catalog[chosen.get(decl.uses) or (alias.ids[0] if alias else decl.uses)]
    except UnknownModelError as error:
        if alias:
            return None
        (problem,) = error.problems
        near = get_close_matches(decl.uses, [*aliases], n=1)
        hint = f"did you mean {near[0]}?" if near else problem.hint
        spot, path = where(decl.tree, ("uses",)), f"steps.{decl.name}.uses"
        raise UnknownModelError(replace(problem, where=spot, path=path, hint=hint)) from None
