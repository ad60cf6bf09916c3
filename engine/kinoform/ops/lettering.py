"""Words on pictures, in the one font that is always there.

The font covers ASCII and some punctuation: accents are drawn over their letters, and letters of
other scripts become neutral boxes, so that any prompt keeps its shape.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL import ImageDraw

Colour: TypeAlias = int | tuple[int, int, int] | tuple[int, int, int, int]

_FOLD = str.maketrans({
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2022": "\u00b7", "\u00d7": "x", "\u2192": ">", "\u00df": "ss", "\u00e6": "ae",
    "\u00c6": "AE", "\u0153": "oe", "\u0152": "OE", "\u00f8": "o", "\u00d8": "O",
    "\u0142": "l", "\u0141": "L", "\u0131": "i", "\u00a0": " ", "\u202f": " ",
})  # fmt: skip
# Strokes of an accent in a box one unit wide, from (-1, 0) to (1, 1), y downward.
_MARKS: dict[str, tuple[tuple[float, ...], ...]] = {
    "\u0300": ((-0.5, 0, 0.3, 1),),
    "\u0301": ((-0.3, 1, 0.5, 0),),
    "\u0302": ((-0.8, 1, 0, 0, 0.8, 1),),
    "\u030c": ((-0.8, 0, 0, 1, 0.8, 0),),
    "\u0303": ((-0.9, 0.8, -0.4, 0.2, 0.4, 0.8, 0.9, 0.2),),
    "\u0304": ((-0.8, 0.5, 0.8, 0.5),),
    "\u0308": ((-0.7, 0.5, -0.4, 0.5), (0.4, 0.5, 0.7, 0.5)),
    "\u030a": ((-0.4, 0.5, 0, 0, 0.4, 0.5, 0, 1, -0.4, 0.5),),
    "\u0307": ((-0.15, 0.5, 0.15, 0.5),),
    "\u030b": ((-0.6, 1, -0.1, 0), (0.2, 1, 0.7, 0)),
}
_BELOW = {"\u0327", "\u0328", "\u0326", "\u0323"}
_HOOK = ((0.1, -0.2, 0.3, 0.5, -0.3, 0.9),)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    found = ImageFont.load_default(max(6, size))
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return found


@cache
def _known(char: str) -> bool:
    sample = font(20)
    missing, here = sample.getmask("\uffff"), sample.getmask(char)
    return char == " " or (here.size, bytes(here)) != (missing.size, bytes(missing))


@cache
def _clusters(text: str) -> tuple[tuple[str, str], ...]:
    """(letters, marks) in order; an empty letter stands for one that the font lacks."""
    found: list[tuple[str, str]] = []
    for char in unicodedata.normalize("NFD", text.translate(_FOLD)):
        if unicodedata.combining(char) and found:
            found[-1] = (found[-1][0], found[-1][1] + char)
        elif unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Me"):
            found.append((char if _known(char) else "", ""))
    return tuple(found)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Plain stretches joined, so that kerning and speed stay; marked and missing ones alone."""
    plain = ""
    for letter, marks in _clusters(text):
        if letter and not marks:
            plain += letter
            continue
        if plain:
            yield plain, ""
            plain = ""
        yield letter, marks
    if plain:
        yield plain, ""


def width(text: str, size: int, spacing: float = 0.0) -> float:
    """Pixels from the first letter's left to the last one's right."""
    face = font(size)
    total = sum(face.getlength(run) if run else 0.62 * size for run, _ in _runs(text))
    return total + spacing * len(_clusters(text))


def draw(
    pen: ImageDraw.ImageDraw,
    corner: tuple[float, float],
    text: str,
    size: int,
    fill: Colour,
    spacing: float = 0.0,
) -> float:
    """One line from its top left corner; returns where it ends."""
    x, y = corner
    face = font(size)
    runs: Iterable[tuple[str, str]] = _clusters(text) if spacing else _runs(text)
    for run, marks in runs:
        if run:
            pen.text((x, y), run, font=face, fill=fill)
            step = face.getlength(run)
            _accents(pen, (x + step / 2, y), run, marks, size, fill)
        else:
            step = 0.62 * size
            box = (x + 0.07 * size, y + 0.3 * size, x + step - 0.07 * size, y + 0.97 * size)
            pen.rectangle(box, outline=fill, width=max(1, size // 16))
        x += step + spacing
    return x


def _accents(
    pen: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    letter: str,
    marks: str,
    size: int,
    fill: Colour,
) -> None:
    top = font(size).getbbox(letter)[1] if marks else 0
    reach, stroke = size * 0.16, max(1, size // 14)
    for mark in marks:
        low = mark in _BELOW
        base = centre[1] + (size * 1.0 if low else top - size * 0.26)
        for line in _HOOK if low else _MARKS.get(mark, ()):
            points = [
                (centre[0] + line[at] * reach, base + line[at + 1] * size * 0.16)
                for at in range(0, len(line), 2)
            ]
            pen.line(points, fill=fill, width=stroke)


def wrap(text: str, size: int, room: float, lines: int) -> list[str]:
    """At most `lines` lines of at most `room` pixels, the last one shortened with an ellipsis."""
    words = text.split()
    found: list[str] = []
    while words and len(found) < lines:
        taken = _fill(words, size, room)
        found.append(" ".join(words[:taken]) if taken else _cut(words[0], size, room))
        words = words[taken:] if taken else [words[0][len(found[-1]) :], *words[1:]]
        words = [word for word in words if word]
    if words and found:
        found[-1] = shorten(f"{found[-1]} {words[0]}\u2026", size, room)
    return found


def _fill(words: list[str], size: int, room: float) -> int:
    taken = 0
    while taken < len(words) and width(" ".join(words[: taken + 1]), size) <= room:
        taken += 1
    return taken


def _cut(word: str, size: int, room: float) -> str:
    count = next((n for n in range(1, len(word)) if width(word[: n + 1], size) > room), len(word))
    return word[:count]


def shorten(text: str, size: int, room: float) -> str:
    """The text if it fits, else as much as fits before an ellipsis."""
    text = " ".join(text.split())
    if width(text, size) <= room:
        return text
    kept = text.rstrip("\u2026")
    while kept and width(f"{kept}\u2026", size) > room:
        kept = kept[:-1].rstrip(" ,;:.-")
    return f"{kept}\u2026" if kept else ""
