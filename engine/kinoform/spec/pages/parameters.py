"""Parameter rows of a Runware page: headings, their bullets, their values, and where they lie.

The path comes from the Path bullet, cut where an object prints its child's; anchors lose the case.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.spec.pages import kinds
from kinoform.spec.pages.markdown import Block, codes, labelled, plain
from kinoform.spec.pages.page import Field, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LINKED = re.compile(r"\[([^\[\]]+)\]\([^()\s]*#(?:request|response)-[^()\s]*\)$")
_KEYS = {
    "Path", "Type", "Required", "Value", "Default", "Min", "Max", "Step", "Min Items", "Max Items",
    "Items", "Format", "Paired with",
}  # fmt: skip
_ALLOWED = "Allowed values"
_TOP = 3
_DEEPEST = 16


@dataclass(slots=True)
class _Row:
    """One parameter in the making."""

    name: str
    level: int
    body: list[Block] = field(default_factory=list)

    @property
    def said(self) -> dict[str, str]:
        """Its leading bullets; those further down belong to the description."""
        if not self.body or self.body[0].kind != "bullets":
            return {}
        pairs = (labelled(item) for item in self.body[0].items)
        return {key: (codes(value) or [value])[0] for key, value in pairs if key in _KEYS}


def read(found: Sequence[Block]) -> tuple[list[Field], list[Note]]:
    """The parameters below a heading, in the order of the page, and what is odd about them."""
    fields: list[Field] = []
    notes: list[Note] = []
    above: list[tuple[int, str]] = [(_TOP - 1, "")]
    for row in _rows(found):
        while above[-1][0] >= row.level:
            above.pop()
        path = _path(row, above[-1][1], notes)
        above.append((row.level, path))
        if any(each.path == path for each in fields):
            notes.append(Note(f"{path}: a second row", "the first row of a parameter counts"))
        else:
            fields.append(_field(row, path, notes))
    return fields, notes


def _rows(found: Sequence[Block]) -> Iterator[_Row]:
    row: _Row | None = None
    for number, block in enumerate(found):
        name = _name(block, found[number + 1 : number + 2])
        if name:
            if row:
                yield row
            row = _Row(name, block.level)
        elif row:
            row.body.append(block)
    if row:
        yield row


def _name(block: Block, after: Sequence[Block]) -> str:
    """The parameter that a heading names; empty for a heading inside a description."""
    if block.kind != "heading" or block.level < _TOP:
        return ""
    if linked := _LINKED.match(block.text):
        return linked[1].replace("\\", "").strip("`")
    listed = bool(after) and after[0].kind == "bullets"
    typed = listed and any(labelled(item)[0] in ("Path", "Type") for item in after[0].items)
    return block.text.strip("`") if typed else ""


def _path(row: _Row, above: str, notes: list[Note]) -> str:
    printed = row.said.get("Path", "").replace("[]", "").replace("[*]", "")
    own = f"{above}.{row.name}" if above else row.name
    if printed.count(".") > _DEEPEST:
        notes.append(Note(f"{row.name}: Path", f"it has more than {_DEEPEST} parts"))
        return own
    if not printed or printed == own:
        return printed or own
    steps = printed.split(".")
    if row.name not in steps:
        notes.append(Note(f"{row.name}: Path: {printed}", "the path does not name the parameter"))
        return own
    if steps[-1] == row.name:
        return printed
    notes.append(
        Note(f"{row.name}: Path: {printed}", "the object row prints the path of its first child")
    )
    return ".".join(steps[: steps.index(row.name) + 1])


def _field(row: _Row, path: str, notes: list[Note]) -> Field:
    said = row.said
    schema = kinds.schema_of(said.get("Type", ""))
    if schema is None:
        notes.append(Note(f"{path}: Type: {said.get('Type', '')}", "the page prints no known type"))
        schema = {}
    schema["description"] = _description(row)
    schema = _allow(row, path, schema, notes)
    for key, add in _LIMITS:
        if key in said:
            _try(add, schema, said[key], notes, f"{path}: {key}: {said[key]}")
    return Field(path, schema, said.get("Required") == "true", said.get("Paired with", ""))


def _try(
    add: Callable[[dict[str, Any], str], None],
    schema: dict[str, Any],
    text: str,
    notes: list[Note],
    says: str,
) -> None:
    try:
        add(schema, text)
    except (ValueError, ArithmeticError) as wrong:
        notes.append(Note(says, f"it cannot be followed: {wrong}"))


def _put(key: str, schema: dict[str, Any], value: Any) -> None:
    schema[key] = value


def _format(schema: dict[str, Any], text: str) -> None:
    known = kinds.FORMATS.get(text.lower())
    if not known:
        raise ValueError("no such format is known")
    schema["format"] = known


def _exactly(schema: dict[str, Any], text: str) -> None:
    schema["minItems"] = schema["maxItems"] = kinds.count(text)


_LIMITS: tuple[tuple[str, Callable[[dict[str, Any], str], None]], ...] = (
    ("Value", lambda schema, text: _put("const", schema, kinds.cast(text, schema))),
    ("Format", _format),
    ("Min", lambda schema, text: kinds.limit(schema, "Min", text)),
    ("Max", lambda schema, text: kinds.limit(schema, "Max", text)),
    ("Step", kinds.step),
    ("Min Items", lambda schema, text: _put("minItems", schema, kinds.count(text))),
    ("Max Items", lambda schema, text: _put("maxItems", schema, kinds.count(text))),
    ("Items", _exactly),
    ("Default", lambda schema, text: _put("default", schema, kinds.cast(text, schema))),
)


def _description(row: _Row) -> str:
    """The first paragraph of free text, as one line that ends in a full stop."""
    free = (b.text for b in row.body if b.kind == "text" and not labelled(b.text)[0])
    text = plain(next(free, row.name)).rstrip(":")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _allow(row: _Row, path: str, schema: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """With the allowed values: on the line itself, or first in each bullet below it."""
    for number, block in enumerate(row.body):
        if block.kind == "text" and labelled(block.text)[0] == _ALLOWED:
            values = codes(labelled(block.text)[1]) or _bulleted(row.body[number + 1 : number + 2])
            return _listed(path, schema, values, notes)
    return schema


def _bulleted(after: Sequence[Block]) -> list[str]:
    if not after or after[0].kind != "bullets":
        return []
    found = [codes(item) for item in after[0].items if item.lstrip().startswith("`")]
    return [values[0] for values in found] if len(found) == len(after[0].items) else []


def _listed(
    path: str, schema: dict[str, Any], values: Sequence[str], notes: list[Note]
) -> dict[str, Any]:
    if not values:
        notes.append(Note(f"{path}: {_ALLOWED}", "the values themselves are not printed"))
        return schema
    try:
        return kinds.listed(schema, values)
    except ValueError as wrong:
        notes.append(Note(f"{path}: {_ALLOWED}", f"they do not fit the type: {wrong}"))
        return schema
