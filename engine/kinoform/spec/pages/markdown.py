r"""Markdown as a flat list of blocks, as far as model pages use it.

Knows no page: headings, bullets, paragraphs, tables and fences only. What stands inside a fence or
a quote is never a heading or a bullet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["heading", "bullets", "text", "table", "fence", "rule", "quote"]

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(\S*)")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)$")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*$")
_DASHES = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\([^()\s]*\)")
_CODE = re.compile(r"`([^`]*)`")
_BOLD = re.compile(r"\*\*(.+?)\*\*\s*(?:\([^()]*\)\s*)?:?\s*(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `level` counts the marks of a heading; `text` is its words, or a fence's lines.

    `items` are bullets, `rows` the cells of a table with its head first, `line` counts from 1.
    """

    kind: Kind
    text: str = ""
    level: int = 0
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    line: int = 0


def front(text: str) -> tuple[dict[str, str], int]:
    """The front matter as plain pairs, and the number of lines it takes; none is no error."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return {}, 0
    found: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == "---":
            return found, number
        key, _, value = line.partition(":")
        found[key.strip()] = value.strip().strip("\"'")
    return {}, 0


def blocks(text: str, skip: int = 0) -> list[Block]:
    """The blocks below the first `skip` lines."""
    lines, at, found = text.splitlines(), skip, list[Block]()
    while at < len(lines):
        block, at = _next(lines, at)
        found += [block] if block else []
    return found


def _next(lines: Sequence[str], at: int) -> tuple[Block | None, int]:
    line = lines[at]
    if not line.strip():
        return None, at + 1
    if fence := _FENCE.match(line):
        return _fence(lines, at, fence[1])
    if heading := _HEADING.match(line):
        return Block("heading", heading[2], len(heading[1]), line=at + 1), at + 1
    if _RULE.match(line):
        return Block("rule", line=at + 1), at + 1
    if line.lstrip().startswith("|"):
        return _table(lines, at)
    if _BULLET.match(line):
        return _bullets(lines, at)
    return _text(lines, at)


def _fence(lines: Sequence[str], at: int, mark: str) -> tuple[Block, int]:
    end = at + 1
    while end < len(lines) and not lines[end].strip().startswith(mark):
        end += 1
    return Block("fence", "\n".join(lines[at + 1 : end]), line=at + 1), end + 1


def _table(lines: Sequence[str], at: int) -> tuple[Block | None, int]:
    end = at
    while end < len(lines) and lines[end].lstrip().startswith("|"):
        end += 1
    rows = tuple(cells(line) for line in lines[at:end] if not _DASHES.match(line))
    return (Block("table", rows=rows, line=at + 1) if rows else None), end


def cells(line: str) -> tuple[str, ...]:
    """The cells of a table's line."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner))


def _bullets(lines: Sequence[str], at: int) -> tuple[Block, int]:
    """Bullets with the lines that go on below them, up to a blank line."""
    items, end = list[str](), at
    while end < len(lines) and lines[end].strip() and not _starts_else(lines[end]):
        bullet = _BULLET.match(lines[end])
        if bullet:
            items.append(bullet[1])
        else:
            items[-1] += f" {lines[end].strip()}"
        end += 1
    return Block("bullets", items=tuple(items), line=at + 1), end


def _text(lines: Sequence[str], at: int) -> tuple[Block, int]:
    end = at
    while end < len(lines) and lines[end].strip():
        if end > at and (_starts_else(lines[end]) or _BULLET.match(lines[end])):
            break
        end += 1
    words = [line.strip() for line in lines[at:end]]
    kind: Kind = "quote" if words[0].startswith(">") else "text"
    return Block(kind, " ".join(words), line=at + 1), end


def _starts_else(line: str) -> bool:
    begins = (_FENCE, _HEADING, _RULE)
    return any(each.match(line) for each in begins) or line.lstrip().startswith("|")


def plain(text: str) -> str:
    """The words without link targets and escapes, on one line."""
    text = _LINK.sub(r"\1", text)
    return " ".join(re.sub(r"\\([`*_\[\]|#<>-])", r"\1", text).split())


def codes(text: str) -> list[str]:
    """What stands between single backticks."""
    return _CODE.findall(text)


def labelled(text: str) -> tuple[str, str]:
    """`**Key**: value` as (Key, value); two empty texts for anything else."""
    match = _BOLD.match(text.strip())
    return (match[1].strip().rstrip(":"), match[2].strip()) if match else ("", "")


def sections(found: Sequence[Block], level: int) -> Iterator[tuple[Block, list[Block]]]:
    """Each heading of this level with what stands below it, deeper headings included."""
    head: Block | None = None
    body: list[Block] = []
    for block in found:
        higher = block.kind == "heading" and block.level <= level
        if head and higher:
            yield head, body
        if higher:
            head, body = (block if block.level == level else None), []
        elif head:
            body.append(block)
    if head:
        yield head, body
