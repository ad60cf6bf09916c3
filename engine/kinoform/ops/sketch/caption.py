"""The words below the picture, the mark beside them, and small prints pinned above.

The strip has one height for a given panel, so that a retouched panel covers the old one's strip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from kinoform.core.classes import dataclass
from kinoform.ops import lettering, pictures
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.scene import mood
from kinoform.ops.sketch.stage import blurred

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.palette import Palette

_SHARE = 0.13
_PAPER = (243, 240, 232)
_FAINT = (150, 148, 144)
_PRINTS = 4
_TINY = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a segment lies in its clip: the ends of all segments as shares, and which one it is."""

    ends: tuple[float, ...]
    index: int


def height(size: tuple[int, int]) -> int:
    """The strip's height in pixels, even, so that it falls on whole chroma rows."""
    return max(2, round(min(size[1], size[0] * 1.5) * _SHARE / 2) * 2)


def strip(
    size: tuple[int, int], words: str, take: int, palette: Palette, bar: Bar | None = None
) -> Image.Image:
    """The caption for a panel of this size, as wide as the panel."""
    wide, high = size[0], height(size)
    image = Image.new("RGB", (wide, high), mood(palette))
    pen = ImageDraw.Draw(image)
    line = max(1, round(high * 0.02))
    pen.rectangle((0, 0, wide, line - 1), fill=mix(mood(palette), palette.accent, 0.75))
    if bar is not None:
        _bar(pen, (wide, high), palette, bar)
    if high < _TINY // 4:
        return image
    side = max(3, round(min(high * 0.34, wide * 0.035)))
    small = max(7, round(high * 0.135))
    left = wide - side - _mark(pen, (wide - side, high), small, take, palette)
    room = left - side * 2
    if room > small * 4:
        _words(pen, (side, room, high), words, small)
    return image


def _mark(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], small: int, take: int, palette: Palette
) -> int:
    """DRAFT, and the take below it, set to the right; returns the width it took."""
    gap = small * 0.16
    label = "DRAFT"
    wide = lettering.width(label, small, gap)
    if wide > corner[0] * 0.3:
        return 0
    top = corner[1] / 2 - small * 1.28
    lettering.draw(
        pen, (corner[0] - wide, top), label, small, mix(palette.accent, _PAPER, 0.35), gap
    )
    below = f"take {take}"
    wide_below = lettering.width(below, small)
    lettering.draw(pen, (corner[0] - wide_below, top + small * 1.45), below, small, _FAINT)
    return round(max(wide, wide_below))


def _words(pen: ImageDraw.ImageDraw, place: tuple[int, int, int], words: str, small: int) -> None:
    """As large as fits: fewer lines first, then smaller letters, then an ellipsis."""
    side, room, high = place
    letter, lines = _setting(words, room, high, small)
    step = letter * 1.28
    top = (high - step * len(lines)) / 2 + letter * 0.03
    for row, line in enumerate(lines):
        lettering.draw(pen, (side, top + row * step), line, letter, _PAPER)


def _setting(words: str, room: int, high: int, small: int) -> tuple[int, list[str]]:
    letter, lines = small, [""]
    for share in (0.3, 0.26, 0.225, 0.19, 0.165, 0.145):
        letter = max(7, round(high * share))
        most = max(1, int(high * 0.86 / (letter * 1.28)))
        lines = lettering.wrap(words, letter, room, most)
        if not lines or not lines[-1].endswith("\u2026"):
            break
    return letter, lines


def _bar(pen: ImageDraw.ImageDraw, size: tuple[int, int], palette: Palette, bar: Bar) -> None:
    """One cell for each segment along the strip's top edge; the current one is lit."""
    thick = max(2, round(size[1] * 0.075))
    gap = max(1, round(size[1] * 0.03))
    begin = 0.0
    for index, end in enumerate(bar.ends):
        lit = index == bar.index
        tone = palette.light if lit else mix(mood(palette), palette.light, 0.28)
        box = (
            round(begin * size[0]) + gap,
            0,
            max(round(begin * size[0]) + gap, round(end * size[0]) - gap),
            thick,
        )
        pen.rectangle(box, fill=tone)
        begin = end


def pinned(
    image: Image.Image,
    prints: Sequence[tuple[Image.Image, str]],
    palette: Palette,
    dice: Dice,
    inset: float = 0.0,
) -> None:
    """Small prints with white borders in the top right corner, a little askew.

    `inset` is the share of the panel to keep free at its edges, where a camera will move.
    """
    wide, high = image.size
    side = round(min(wide, high * 1.6) * 0.13)
    if side < _TINY // 3:
        return
    shown = list(prints[:_PRINTS])
    gap = round(side * 0.16)
    x = wide - gap * 2 - round(inset * wide)
    for index, (picture, label) in enumerate(shown):
        more = len(prints) - _PRINTS if index == len(shown) - 1 else 0
        card = _print(picture, side, f"+{more} more" if more > 0 else label)
        turned = card.rotate(dice.between(-3.2, 3.2), Image.Resampling.BICUBIC, expand=True)
        x -= turned.width
        if x < gap:
            return
        _drop(
            image, turned, (x, round(inset * high + gap * (1.6 + dice.between(-0.3, 0.3)))), palette
        )
        x -= gap


def _print(picture: Image.Image, side: int, label: str) -> Image.Image:
    aspect = min(max(picture.width / picture.height, 0.6), 1.7)
    wide = round(side * min(1.0, aspect)) if aspect < 1 else side
    high = round(wide / aspect)
    edge = max(2, side // 22)
    foot = edge * 2 + max(8, side // 11) if label else edge
    card = Image.new("RGBA", (wide + edge * 2, high + edge + foot), (*_PAPER, 255))
    card.paste(pictures.fill(pictures.flat(picture), (wide, high)), (edge, edge))
    if label:
        letter = max(7, side // 11)
        words = lettering.shorten(label, letter, wide)
        lettering.draw(
            ImageDraw.Draw(card), (edge, high + edge + letter * 0.35), words, letter, (70, 68, 66)
        )
    return card


def _drop(image: Image.Image, card: Image.Image, at: tuple[int, int], palette: Palette) -> None:
    """Lay a card with its shadow, and a pin through its head."""
    soft = max(2, card.width // 26)
    shade = Image.new("L", (card.width + soft * 6, card.height + soft * 6), 0)
    shade.paste(
        card.getchannel("A").point([level * 5 // 10 for level in range(256)]), (soft * 3, soft * 4)
    )
    image.paste(palette.ink, (at[0] - soft * 3, at[1] - soft * 3), blurred(shade, soft))
    image.paste(card, at, card)
    reach = max(2, card.width // 26)
    x, y = at[0] + card.width // 2, at[1] + reach
    pin = Image.new("L", (reach * 8, reach * 8), 0)
    ImageDraw.Draw(pin).ellipse((reach * 2, reach * 2, reach * 6, reach * 6), fill=255)
    small = pin.resize((reach * 2, reach * 2), Image.Resampling.LANCZOS)
    image.paste(palette.accent, (x - reach, y - reach), small)


def placeholder(address: str, palette: Palette, size: tuple[int, int] = (320, 200)) -> Image.Image:
    """A print for media that was named but not fetched."""
    tone = mix(palette.mid, palette.low, 0.5)
    image = Image.new("RGB", size, tone)
    pen = ImageDraw.Draw(image)
    dark = mix(tone, palette.ink, 0.35)
    for offset in range(-size[1], size[0], 22):
        pen.line((offset, size[1], offset + size[1], 0), fill=mix(tone, palette.ink, 0.12), width=6)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=dark, width=4)
    bare = address.split("?", maxsplit=1)[0].removeprefix("https://")
    lines = lettering.wrap(bare, 30, size[0] - 40, 3)
    for row, line in enumerate(lines):
        lettering.draw(pen, (20, size[1] / 2 + (row - len(lines) / 2) * 38), line, 30, palette.ink)
    return image
