"""A WaveSpeed model page as text, read into a `Page`: tables, prices, limits in prose, the call.

A row may be one cell short, so cells are told apart by their shape.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Problem, SpecError
from kinoform.spec.pages import kinds
from kinoform.spec.pages.conventions import TAKES
from kinoform.spec.pages.markdown import blocks, plain
from kinoform.spec.pages.page import Example, Field, Note, Page, PriceLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.spec.pages.markdown import Block
    from kinoform.spec.sizes import Row

_HEAD = ("parameter", "type", "required", "default", "range", "description")
_ANSWER = ("parameter", "type", "description")
_CALL = re.compile(r"api\.wavespeed\.ai/api/v3/(?!predictions\b)([\w./-]+)")
_BODY = re.compile(r"--data(?:-raw)?\s+'(\{.*?\})'", re.DOTALL)
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*~\s*(-?\d+(?:\.\d+)?)$")
_MOST = re.compile(r"(?:\bmax(?:imum)?(?: of)?|\bup to|\bat most)\s*(\d+)\b", re.IGNORECASE)
_GLUED = re.compile(r"max (\d+)$")
_OPTIONS = re.compile(r"(?:Options|Allowed values): ([^.]+?)\.?$")
_VOID = re.compile(r"When the (\w+) value is (\w+), the current parameter is invalid")
_AMOUNT = re.compile(r"\$\s*([0-9]+(?:\.[0-9]+)?)$")
_MEDIA = frozenset(word for words in TAKES.values() for word in words.split())
_NONE = ("", "-")
_SECTIONS = ("Notes", "Billing Rules")


def is_page(text: str) -> bool:
    """Whether the text is such a page."""
    return "Request Parameters" in text and bool(_CALL.search(text)) and "\n|" in text


def read(text: str) -> Page:
    """The page as values. Raises SpecError where it has no table of parameters."""
    found, call = blocks(text), _CALL.search(text)
    notes: list[Note] = []
    tables = [block for block in found if block.kind == "table"]
    rows = [row for block in tables if _heads(block) == _HEAD for row in block.rows[1:]]
    fields = [each for row in rows for each in _field(row, notes)]
    if not fields or call is None:
        raise SpecError(Problem("bad-page", "the page has no table of request parameters"))
    prose = _prose(tables)
    fields = [_optioned(each, prose.get(each.path, "")) for each in fields]
    notes += _idle(fields)
    name = call[1].strip("/")
    return Page(
        provider="wavespeed",
        name=name,
        title=next(line.strip() for line in text.splitlines() if line.strip()),
        url=address(name),
        form="html text",
        kind=kind_of(name, fields),
        fields=tuple(fields),
        answer=tuple(_answer(tables)),
        sentences=tuple(_sentences(text)),
        sizes=tuple(named_sizes(fields)),
        prices=tuple(_prices(tables)),
        notes=tuple(notes),
        bodies=tuple(_bodies(text)),
    )


def address(name: str) -> str:
    """Where the page of a model stands."""
    owner, _, rest = name.partition("/")
    return f"https://wavespeed.ai/docs/docs-api/{owner}/{owner}-{rest.replace('/', '-')}"


def kind_of(name: str, fields: Sequence[Field]) -> str:
    """Image or video; empty where neither the id nor a parameter tells."""
    if "video" in name or any(each.path == "duration" for each in fields):
        return "video"
    return "image" if "image" in name or any(e.path == "num_images" for e in fields) else ""


def named_sizes(fields: Sequence[Field]) -> list[Row]:
    """Sizes by tier and shape, without pixels, where two parameters list them."""
    values = {each.path: each.schema.get("enum", ()) for each in fields}
    tiers, ratios = values.get("resolution", ()), values.get("aspect_ratio", ())
    return [{"tier": tier, "ratio": ratio} for tier in tiers for ratio in ratios]


def _heads(block: Block) -> tuple[str, ...]:
    return tuple(plain(cell).lower() for cell in block.rows[0])


def _is_range(text: str) -> bool:
    """Nothing, two numbers, or a list of words: no sentence."""
    listed = all(" " not in word for word in text.split(", "))
    return text in _NONE or _RANGE.match(text) is not None or listed


def _shaped(row: Sequence[str]) -> list[str]:
    """Six cells: where one is short, the range is missing, or the description."""
    cells = [plain(cell) for cell in row]
    if len(cells) == len(_HEAD) and not cells[5] and not _is_range(cells[4]):
        cells.pop()
    if len(cells) == len(_HEAD) - 1:
        cells.insert(5 if _is_range(cells[4]) else 4, "-")
    return cells


def _field(row: Sequence[str], notes: list[Note]) -> Iterator[Field]:
    cells = _shaped(row)
    if len(cells) != len(_HEAD) or cells[2] not in ("Yes", "No"):
        notes.append(Note(f"row {' | '.join(row)}", "its cells cannot be told apart"))
        return
    name, kind, required, default, limits, about = cells
    schema = kinds.schema_of(kind) or {}
    if not schema:
        notes.append(Note(f"{name}: Type: {kind}", "the page prints no known type"))
    schema["description"] = f"{about.rstrip('.') or name}."
    try:
        schema = _limited(name, schema, limits, about)
        if default not in _NONE:
            schema["default"] = kinds.cast(default, schema)
    except ValueError as wrong:
        notes.append(Note(f"{name}: {limits} {default}", f"it cannot be followed: {wrong}"))
    yield Field(name, schema, required == "Yes")


def _idle(fields: Sequence[Field]) -> Iterator[Note]:
    """Sentences about a value that its parameter does not have."""
    values = {each.path: each.schema.get("enum") for each in fields}
    for each in fields:
        void = _VOID.search(str(each.schema["description"]))
        listed = values.get(void[1]) if void else None
        if void and listed is not None and void[2] not in listed:
            yield Note(f"{each.path}: {void[0]}", "the table offers no such value")
        elif void:
            yield Note(f"{each.path}: {void[0]}", "what is sent then is for a person to decide")


def _limited(name: str, schema: dict[str, Any], limits: str, about: str) -> dict[str, Any]:
    if span := _RANGE.match(limits):
        kinds.limit(schema, "Min", span[1])
        kinds.limit(schema, "Max", span[2])
    elif limits not in _NONE:
        schema = kinds.listed(schema, [word.strip() for word in limits.split(",")])
    if schema.get("type") == "array":
        most = _MOST.search(about) or _GLUED.search(about)
        schema |= {"maxItems": int(most[1])} if most else {}
        if name in _MEDIA and "items" not in schema:
            schema["items"] = {"type": "string", "description": "One item."}
    return schema


def _prose(tables: Sequence[Block]) -> dict[str, str]:
    """What the shorter table of parameters says of each."""
    head = ("parameter", "required", "description")
    rows = [row for block in tables if _heads(block) == head for row in block.rows[1:]]
    return {plain(row[0]): plain(row[-1]) for row in rows}


def _optioned(each: Field, prose: str) -> Field:
    """With the values that only a description lists."""
    texts = (str(each.schema["description"]), prose)
    match = next((m for m in map(_OPTIONS.search, texts) if m), None)
    if not match or "enum" in each.schema or each.schema.get("type") != "string":
        return each
    values = [word.strip() for word in match[1].split(",")]
    return Field(each.path, kinds.listed(each.schema, values), each.required)


def _answer(tables: Sequence[Block]) -> list[Field]:
    """The first table of what comes back; later ones differ only in slips."""
    for block in (block for block in tables if _heads(block) == _ANSWER):
        rows = [[plain(cell) for cell in row] for row in block.rows[1:] if len(row) == len(_ANSWER)]
        return [
            Field(row[0], {**(kinds.schema_of(row[1]) or {}), "description": f"{row[2]}."})
            for row in rows
        ]
    return []


def _prices(tables: Sequence[Block]) -> Iterator[PriceLine]:
    """Tables whose last column is money: the other columns say when."""
    for block in tables:
        *names, last = _heads(block)
        for row in block.rows[1:]:
            amount = _AMOUNT.match(plain(row[-1]))
            if amount and len(row) == len(block.rows[0]):
                values = [plain(cell) for cell in row[:-1]]
                at = tuple(zip((name.replace(" ", "_") for name in names), values, strict=True))
                yield PriceLine(" ".join(values), amount[1], last, at)


def _sentences(text: str) -> Iterator[str]:
    """Bullets below the headings that hold rules; a heading is a line of its own."""
    inside = False
    for line in map(str.strip, text.splitlines()):
        bullet = line.startswith("- ")
        if bullet and inside:
            yield line[2:].strip()
        elif line and not bullet:
            inside = line in _SECTIONS


def _bodies(text: str) -> Iterator[Example]:
    for match in _BODY.finditer(text):
        try:
            body = json.loads(match[1])
        except ValueError:
            continue
        yield Example("the page's curl call", body)
