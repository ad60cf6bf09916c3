"""A pipeline as declared: read, checked and located, with nothing evaluated.

Files come through a Reader; every fault of every file is raised at once.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError, in_order
from kinoform.spec.blocks import gather
from kinoform.spec.collections import Collection, collect
from kinoform.spec.loading import Loading, Reader
from kinoform.spec.moves import Move, moves
from kinoform.spec.names import NAME_HINT, identifier_fault, name_fault
from kinoform.spec.paths import export_fault, path_fault, tidy
from kinoform.spec.shape import Shape
from kinoform.spec.source import collector_paused
from kinoform.spec.steps import Known, StepDecl, declare, reference_fault
from kinoform.spec.tree import Map, shown, where, where_key
from kinoform.spec.variables import settle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.errors import Where
    from kinoform.spec.blocks import Blocks

__all__ = [
    "Budget",
    "Collection",
    "Document",
    "Export",
    "ModelChoice",
    "Reader",
    "StepDecl",
    "load",
]

EXPORTS = ("file",)
_CAST = ("characters", "styles", "shots")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What an alias stands for: full model ids, and which is preferred before a first purchase."""

    ids: tuple[str, ...]
    prefer: Literal["first", "cheapest"]
    where: Where


@dataclass(frozen=True, slots=True)
class Budget:
    """Ceilings in USD; None where the file sets none."""

    run: Decimal | None = None
    total: Decimal | None = None
    ask_above: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A plain copy of a step's result to a path in the project."""

    of: str
    to: str
    where: Where


@dataclass(frozen=True, slots=True)
class Document:
    """A checked pipeline. Collections that were not written are empty.

    `given` names the variables set on the command line: their text is data and is not rendered.
    `reads` is every file that was read, by path, with its digest. `warnings` have severity warning.
    """

    name: str
    vars: Map
    given: frozenset[str]
    models: Mapping[str, ModelChoice]
    characters: Collection
    styles: Collection
    shots: Collection
    data: Mapping[str, Collection]
    steps: Mapping[str, StepDecl]
    exports: tuple[Export, ...]
    budget: Budget
    moved: tuple[Move, ...]
    profiles: tuple[str, ...]
    reads: dict[str, str]
    warnings: tuple[Problem, ...]


def load(
    read: Reader,
    path: str,
    *,
    schema: Mapping[str, Any],
    profile: str = "",
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Document:
    """The pipeline at `path` with a profile and variables applied.

    `schema` is the published schema of pipeline files (`schemas/pipeline.json`), parsed.
    Raises SpecError with every problem of all files, in file order.
    """
    document, problems = survey(read, path, schema=schema, profile=profile, variables=variables)
    if problems:
        raise SpecError(problems)
    return document


def survey(
    read: Reader,
    path: str,
    *,
    schema: Mapping[str, Any],
    profile: str = "",
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Document, tuple[Problem, ...]]:
    """The same with the problems beside it: what can be read of a pipeline that has faults.

    Raises SpecError only for a file that is no YAML map.
    """
    loading = Loading(read)
    with collector_paused():
        blocks = gather(loading, path, *_shapes(schema))
        document = _document(loading, blocks, profile, variables)
    return document, in_order(loading.problems)


def _shapes(schema: Mapping[str, Any]) -> tuple[Shape, Shape]:
    return Shape(schema), Shape(schema, included=True)


def _document(
    loading: Loading, blocks: Blocks, profile: str, variables: Mapping[str, str]
) -> Document:
    values, aliases, budget = settle(loading, blocks, profile, variables)
    cast = {name: collect(loading, name, blocks.map(name)) for name in _CAST}
    data = _data(loading, blocks.map("data"))
    known = Known(aliases, _items(blocks, cast, data))
    steps = declare(loading, blocks.map("steps"), known)
    return Document(
        name=blocks.name,
        vars=values,
        given=frozenset(variables),
        models=_models(loading, aliases),
        **cast,
        data=data,
        steps=steps,
        exports=_exports(loading, blocks, steps, known),
        budget=_budget(budget),
        moved=moves(loading, blocks.lists["moved"], steps, known),
        profiles=tuple(blocks.map("profiles")),
        reads=loading.reads,
        warnings=in_order(loading.warnings),
    )


def _data(loading: Loading, tree: Map) -> dict[str, Collection]:
    found: dict[str, Collection] = {}
    for name, block in tree.items():
        fault = identifier_fault(name)
        if fault:
            message = f"the collection {shown(name)} {fault}"
            loading.add("bad-name", message, where_key(tree, [name]), "", f"data.{name}")
        if isinstance(block, Map):
            found[name] = collect(loading, f"data.{name}", block)
    return found


def _items(
    blocks: Blocks, cast: Mapping[str, Collection], data: Mapping[str, Collection]
) -> dict[str, Map | None]:
    """The items of every declared collection; None where a file could not be read."""
    declared = {name: one for name, one in cast.items() if name in blocks.maps}
    declared |= {f"data.{name}": one for name, one in data.items()}
    return {
        name: one.items if one.items or not one.inert else None for name, one in declared.items()
    }


def _models(loading: Loading, aliases: Map) -> dict[str, ModelChoice]:
    choices: dict[str, ModelChoice] = {}
    for alias, value in aliases.items():
        at = where_key(aliases, [alias])
        fault = name_fault(alias)
        if fault:
            message = f"the alias {shown(alias)} {fault}"
            loading.add("bad-name", message, at, NAME_HINT, f"models.{alias}")
        ids = value.get("any") if isinstance(value, Map) else [value]
        prefer = value.get("prefer") if isinstance(value, Map) else "first"
        names = tuple(x for x in ids if isinstance(x, str)) if isinstance(ids, list) else ()
        wanted: Literal["first", "cheapest"] = "cheapest" if prefer == "cheapest" else "first"
        choices[alias] = ModelChoice(names, wanted, where(aliases, [alias]))
    return choices


def _budget(tree: Map) -> Budget:
    return Budget(_usd(tree.get("run")), _usd(tree.get("total")), _usd(tree.get("ask_above")))


def _usd(value: Any) -> Decimal | None:
    """The amount as it was written: a float's shortest text is what the file says."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def _exports(
    loading: Loading, blocks: Blocks, steps: Mapping[str, StepDecl], known: Known
) -> tuple[Export, ...]:
    found: list[Export] = []
    taken: dict[str, Where] = {}
    for tree, path in blocks.lists["exports"]:
        kind, of, to = tree.get("as"), tree.get("of"), tree.get("to")
        if isinstance(kind, str) and kind not in EXPORTS:
            message = f"exports as {shown(kind)} are not built yet"
            hint = f"what is built: {', '.join(EXPORTS)}"
            loading.add("not-built-yet", message, where(tree, ["as"]), hint, f"{path}.as")
        elif isinstance(kind, str) and isinstance(of, str) and isinstance(to, str):
            fault, hint = reference_fault(of, steps, known)
            if fault:
                loading.add("unknown-step", fault, where(tree, ["of"]), hint, f"{path}.of")
            _check_target(loading, tree, to, taken, path)
            found.append(Export(of, tidy(to), where(tree, [])))
    return tuple(found)


def _check_target(loading: Loading, tree: Map, to: str, taken: dict[str, Where], path: str) -> None:
    at = where(tree, ["to"])
    fault = path_fault(to) or export_fault(to)
    if fault:
        loading.add("bad-path", f"the path {shown(to)} {fault}", at, "", f"{path}.to")
        return
    if tidy(to) in loading.reads:
        message = f"{shown(to)} is a file of this pipeline"
        loading.add("bad-path", message, at, "write elsewhere", f"{path}.to")
    first = taken.setdefault(tidy(to).casefold(), at)
    if first is not at:
        message = f"{shown(to)} is written by the export in {first} too"
        loading.add("same-name", message, at, "write elsewhere", f"{path}.to")
