"""Tables of the sizes that a model offers: reading a size as people write it, nearest rows.

A row is `{tier, ratio, width, height}`; a row without width and height is known after run.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.spec.fields import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

Row: TypeAlias = dict[str, Any]

_SHAPE = 0.02  # rows of one ratio differ by rounding to whole blocks
_BETWEEN = 1.5  # how much farther than the nearest a second row may be and still be named
_PIXELS = r"([0-9]{1,5})\s*[xX\u00d7]\s*([0-9]{1,5})"


class NoSizeError(ValueError):
    """The text names no size; `args` are a code, a message and a hint."""


def pixels(text: Any) -> tuple[int, int] | None:
    """Width and height from "1920x1080"."""
    match = re.fullmatch(_PIXELS, text.strip()) if isinstance(text, str) else None
    return (int(match[1]), int(match[2])) if match else None


def row_of(rows: Sequence[Row], width: Any, height: Any) -> Row | None:
    """The row with these pixels."""
    found = (r for r in rows if (r.get("width"), r.get("height")) == (width, height))
    return next(found, None)


def label(row: Row, rows: Sequence[Row]) -> str:
    """`2K 16:9`; only the ratio where the table has one tier."""
    tiers = {r["tier"] for r in rows}
    return f"{row['tier']} {row['ratio']}" if len(tiers) > 1 else str(row["ratio"])


def nearest(rows: Sequence[Row], width: float, height: float) -> list[Row]:
    """The row of the nearest shape whose area is nearest; two where the area lies between."""
    alike = nearest_aspect(rows, width, height)
    if alike is None:
        return []
    shape = alike["width"] / alike["height"]
    same = [r for r in rows if r.get("width") and _away(r["width"] / r["height"], shape) < _SHAPE]
    far = [_away(r["width"] * r["height"], width * height) for r in same]
    two = sorted(range(len(same)), key=far.__getitem__)[:2]
    return [same[n] for n in sorted(two) if far[n] <= min(far) * _BETWEEN]


def nearest_aspect(
    rows: Sequence[Row], width: float, height: float, tier: str | None = None
) -> Row | None:
    """The row, of one tier where given, whose shape is nearest; the first of equals."""
    sized = [r for r in rows if r.get("width") and (tier is None or _same(r["tier"], tier))]
    if not sized or width <= 0 or height <= 0:
        return None
    return min(sized, key=lambda r: round(_away(r["width"] / r["height"], width / height), 9))


def _away(a: float, b: float) -> float:
    return abs(math.log(a / b))


def _same(a: Any, b: str) -> bool:
    return str(a).casefold() == b.casefold()


def not_offered(rows: Sequence[Row], width: int, height: int) -> str:
    """The sentence that refuses a pair and names the nearest ones."""
    said = f"{width}x{height} is not offered"
    near = [f"{label(r, rows)} is {r['width']}x{r['height']}" for r in nearest(rows, width, height)]
    return "; ".join([said, *([", ".join(near)] if near else [])])


def read(text: Any, rows: Sequence[Row]) -> Row:
    """The row that "2K 16:9", "16:9" (in a table of one tier) or "1920x1080" names.

    Pixels that no row has come back as a row without tier and ratio, for the judge to refuse.
    Raises NoSizeError.
    """
    if not isinstance(text, str):
        raise NoSizeError("wrong-type", f"size is text, not {shown(text)}", 'write "2K 16:9"')
    sides = pixels(text)
    if sides is not None:
        found = row_of(rows, *sides)
        return found or {"tier": None, "ratio": None, "width": sides[0], "height": sides[1]}
    words = text.split()
    tiers = dict.fromkeys(str(r["tier"]) for r in rows)
    ratios = dict.fromkeys(str(r["ratio"]) for r in rows)
    tier = _pick(words, tiers) or (next(iter(tiers)) if len(tiers) == 1 else None)
    ratio = _pick(words, ratios)
    wanted = sorted(
        word.casefold() for word in (tier, ratio) if word and _pick(words, {word: None})
    )
    if tier and ratio and wanted == sorted(word.casefold() for word in words):
        row = next((r for r in rows if r["tier"] == tier and r["ratio"] == ratio), None)
        if row is not None:
            return row
    raise NoSizeError("bad-size", f"size {shown(text)} is not offered", _offer(tiers, ratios))


def _pick(words: Sequence[str], names: dict[str, None]) -> str | None:
    found = (name for word in words for name in names if _same(name, word))
    return next(found, None)


def _offer(tiers: dict[str, None], ratios: dict[str, None]) -> str:
    shapes = ", ".join(ratios)
    if len(tiers) == 1:
        return f"one of {shapes}, or WIDTHxHEIGHT"
    return f"a tier ({', '.join(tiers)}) and a ratio ({shapes}), or WIDTHxHEIGHT"
