"""Tables of sizes as pages print them. Two rows may have one label, so that no label is a key."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from kinoform.spec import sizes
from kinoform.spec.pages.markdown import plain
from kinoform.spec.pages.page import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RATIO = re.compile(r"\b(\d+(?:\.\d+)?:\d+(?:\.\d+)?)\b")
_ONE_TIER = "all"


def offered(rows: Iterable[Sequence[str]], notes: list[Note]) -> list[sizes.Row]:
    """The rows `2K (16:9) | 2720x1536`; a row without two sides is told of and left out."""
    found: list[sizes.Row] = []
    for cells in rows:
        words = [plain(cell).replace("`", "") for cell in cells]
        sides = sizes.pixels(words[1]) if len(words) > 1 else None
        if sides is None:
            notes.append(Note(f"size {' | '.join(words)}", "it has no width and height"))
        else:
            found.append(_row(words[0], *sides))
    return found


def _row(label: str, width: int, height: int) -> sizes.Row:
    ratio = _RATIO.search(label)
    tier = _RATIO.sub("", label).strip(" ()·.-")
    if sizes.pixels(tier):
        tier = ""
    shape = ratio[1] if ratio else _shape(width, height)
    return {"tier": tier or _ONE_TIER, "ratio": shape, "width": width, "height": height}


def _shape(width: int, height: int) -> str:
    common = math.gcd(width, height)
    return f"{width // common}:{height // common}"


def ambiguous(rows: Sequence[sizes.Row]) -> list[str]:
    """Labels that more than one size has."""
    counts = Counter(f"{row['tier']} {row['ratio']}" for row in rows)
    return [label for label, count in counts.items() if count > 1]
