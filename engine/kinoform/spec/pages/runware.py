"""A Runware model page in its Markdown form, read into a `Page`.

Follows the page's structure only; what its sentences and prices mean is not known here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Problem, SpecError
from kinoform.spec.pages import parameters
from kinoform.spec.pages.markdown import Block, blocks, codes, front, labelled, plain, sections
from kinoform.spec.pages.page import Choices, Example, Note, Page, PriceLine
from kinoform.spec.pages.tables import offered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.spec.pages.page import Field
    from kinoform.spec.sizes import Row

_RULES, _ASKED, _ANSWER = "Compatibility & Validation", "Request Parameters", "Response Parameters"
_AMOUNT = re.compile(r"\$\s*([0-9]+(?:\.[0-9]+)?)\s*(.*)$")
_TASKS = {"imageInference": "image", "videoInference": "video"}
_LEADS = ("the following dimension combinations", "parameter constraints vary")


def is_page(text: str) -> bool:
    """Whether the text is such a page."""
    return f"## {_ASKED}" in text and "**ID**" in text


def read(text: str) -> Page:
    """The page as values. Raises SpecError where it has no id or no request parameters."""
    head, skip = front(text)
    found = blocks(text, skip)
    parts = {each.text: body for each, body in sections(found, 2)}
    fields, notes = parameters.read(parts.get(_ASKED, []))
    facts = _facts(found)
    if not facts.get("ID") or not fields:
        lost = "**ID**" if fields else _ASKED
        raise SpecError(Problem("bad-page", f"the page has no {lost}"))
    answer, _ = parameters.read(parts.get(_ANSWER, []))
    sentences, table, lists = _rules(parts.get(_RULES, []), notes)
    examples = list(_examples(parts.get("Examples", []), notes))
    return Page(
        provider="runware",
        name=facts["ID"],
        title=next((b.text for b in found if b.kind == "heading" and b.level == 1), facts["ID"]),
        url=head.get("url", ""),
        form="md",
        kind=_kind(fields),
        fields=tuple(fields),
        answer=tuple(answer),
        sentences=tuple(sentences),
        sizes=tuple(table),
        lists=tuple(lists),
        prices=tuple(_prices(parts.get("Pricing", []), notes)),
        examples=tuple(examples),
        notes=tuple(notes),
    )


def _kind(fields: Sequence[Field]) -> str:
    tasks = (each.schema.get("const", "") for each in fields if each.path == "taskType")
    return _TASKS.get(next(tasks, ""), "")


def _facts(found: Sequence[Block]) -> dict[str, str]:
    """The list of bold keys above the first section."""
    for block in found:
        if block.kind == "heading" and block.level > 1:
            break
        if block.kind == "bullets":
            pairs = (labelled(item) for item in block.items)
            return {key: (codes(value) or [value])[0] for key, value in pairs}
    return {}


def _rules(found: Sequence[Block], notes: list[Note]) -> tuple[list[str], list[Row], list[Choices]]:
    """Sentences as they stand, the table of sizes, and tables of values by size."""
    sentences: list[str] = []
    table: list[Row] = []
    lists: list[Choices] = []
    for block in found:
        if block.kind == "table":
            head = [plain(cell).lower() for cell in block.rows[0]]
            if head[:2] == ["configuration", "dimensions"]:
                table += offered(block.rows[1:], notes)
            elif head[:1] == ["dimensions"]:
                lists.append(_choices(block))
            else:
                sentences.append(f"table: {' | '.join(block.rows[0])}")
        elif block.kind in ("text", "quote"):
            sentences += _split(block.text)
        elif block.kind == "bullets":
            sentences += [part for item in block.items for part in _split(item)]
    return sentences, table, lists


def _split(text: str) -> list[str]:
    """The sentences of a paragraph but those that only lead to a table."""
    text = " ".join(text.split())
    whole = re.split(r"(?<=[.!?])\s+(?=[A-Z`])", text)
    return [each for each in whole if not each.lower().startswith(_LEADS)]


def _choices(block: Block) -> Choices:
    head = tuple(codes(cell)[0] if codes(cell) else plain(cell) for cell in block.rows[0])
    rows = (tuple(tuple(codes(cell) or [plain(cell)]) for cell in row) for row in block.rows[1:])
    return Choices(head, tuple(row for row in rows if len(row) == len(head)))


def _prices(found: Sequence[Block], notes: list[Note]) -> Iterator[PriceLine]:
    """Each bullet; a sentence that says a unit holds for all of them."""
    said = " ".join(block.text for block in found if block.kind == "text").lower()
    unit = "/s" if "per second" in said else ""
    for block in found:
        for item in block.items:
            key, value = labelled(item)
            match = _AMOUNT.match((codes(value) or [value])[0].strip())
            if match:
                yield PriceLine(plain(key), match[1], match[2].strip() or unit)
            else:
                notes.append(Note(f"Pricing: {plain(item)}", "no amount in USD stands there"))


def _examples(found: Sequence[Block], notes: list[Note]) -> Iterator[Example]:
    for head, body in sections(found, 3):
        fences = _fenced(body)
        try:
            request = json.loads(fences.get("Request", ""))
            answer = json.loads(fences.get("Response", "{}"))
        except ValueError:
            notes.append(Note(f"example {head.text}", "its request or response is no JSON"))
            continue
        if isinstance(request, list) and len(request) == 1:
            request = request[0]
        yield Example(plain(head.text), request, _cost(answer))


def _fenced(body: Sequence[Block]) -> dict[str, str]:
    """`Request` and `Response` with the fence that follows each."""
    found: dict[str, str] = {}
    label = ""
    for block in body:
        if block.kind == "text":
            label = labelled(block.text)[0] or label
        elif block.kind == "fence" and label:
            found.setdefault(label, block.text)
    return found


def _cost(answer: Any) -> str:
    cost = answer.get("cost") if isinstance(answer, dict) else None
    return str(cost) if isinstance(cost, int | float) else ""
