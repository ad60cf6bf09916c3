"""The rules of a page: of its sentences, of paired rows, of its tables; tried, named, written.

Knows no sentence by itself: `sentences` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec import sizes
from kinoform.spec.pages import trial
from kinoform.spec.pages.assembly import fields_in
from kinoform.spec.pages.kinds import cast
from kinoform.spec.pages.page import Note
from kinoform.spec.pages.sentences import named
from kinoform.spec.rules import as_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.spec.pages.page import Choices, Page
    from kinoform.spec.pages.sentences import Read

Doc = dict[str, Any]
Rule = dict[str, Any]

_SIZE = ["width", "height"]
_BARE = "the page shortens a path below it to the bare word, so that any member may be meant"
_OTHER = "other"


def rules(page: Page, request: Doc, found: Sequence[Read], notes: list[Note]) -> list[Rule]:
    """Those that survive each other and the page's own examples, each with an id."""
    notes += [Note(each.says, _BARE) for each in found if each.bare]
    made = [rule for each in found for rule in each.rules]
    made += [rule for rule in _paired(page) if not _same(rule, made)]
    made += [{"rule": "pairs", "paths": _SIZE, "severity": "error"}] if _sized(page) else []
    for table in page.lists:
        made += _by_size(request, table, notes)
    made, fought = trial.peace(made)
    defaults = {path: s["default"] for path, s in fields_in(request) if "default" in s}
    kept, dropped = trial.tried(named(made), page.examples, page.sizes, defaults)
    notes += [*fought, *dropped]
    return kept


def _sized(page: Page) -> bool:
    paths = {each.path for each in page.fields}
    return set(_SIZE) <= paths and any("width" in row for row in page.sizes)


def _paired(page: Page) -> Iterator[Rule]:
    """What the rows themselves say stands together."""
    seen: set[frozenset[str]] = set()
    for each in page.fields:
        pair = frozenset((each.path, each.paired))
        if each.paired and pair not in seen:
            seen.add(pair)
            says = f"`{each.path}` is paired with `{each.paired}`"
            paths = [each.path, each.paired]
            yield {"rule": "together", "paths": paths, "severity": "error", "says": says}


def _same(rule: Rule, others: Sequence[Rule]) -> bool:
    paths = set(rule["paths"])
    return any(r["rule"] == "together" and set(r["paths"]) == paths for r in others)


def _by_size(request: Doc, table: Choices, notes: list[Note]) -> list[Rule]:
    try:
        return [_column(request, table, n) for n in range(1, len(table.columns))]
    except (ValueError, KeyError) as wrong:
        says = f"table: {' | '.join(table.columns)}"
        notes.append(Note(says, f"it cannot be followed: {wrong}"))
        return []


def _column(request: Doc, table: Choices, number: int) -> Rule:
    """One parameter by size; `Other` is every size that is not listed."""
    path = table.columns[number]
    schema = dict(fields_in(request))[path]
    rows: list[Doc] = []
    rest: Doc = {}
    for cells in table.rows:
        values = [cast(text, schema) for text in cells[number]]
        for text in cells[0]:
            if text.lower() == _OTHER:
                rest = {"other": values}
            else:
                rows.append({**_sides(text), "in": values})
    says = f"the values of `{path}` depend on `width` and `height`"
    return {"rule": "by-size", "paths": _SIZE, "path": path, "rows": rows, **rest,
            "severity": "error", "says": says}  # fmt: skip


def _sides(text: str) -> Doc:
    pair = sizes.pixels(text)
    if pair is None:
        raise ValueError(f"{text} is no size")
    return dict(zip(_SIZE, pair, strict=True))


def written(request: Doc, found: Sequence[Rule], table: Sequence[sizes.Row]) -> Doc:
    """The request schema with every rule that a schema can say."""
    schemas = ((rule["id"], as_schema(rule, table)) for rule in found)
    parts = [{"x-rule": name, **schema} for name, schema in schemas if schema is not None]
    return {**request, "allOf": parts} if parts else request
