"""`local/contact-sheet`: many pictures on one page, as a production keeps them on the wall."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import PIL
from PIL import Image, ImageDraw

from kinoform.core.classes import dataclass
from kinoform.core.types import Facts
from kinoform.ops import lettering, pictures, stills
from kinoform.ops.params import blobs, fault, misuse, path_of, short, text, whole
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kinoform.core.types import Action

_GROUND = (24, 25, 27)
_CELL = (14, 14, 15)
_EDGE = (52, 54, 57)
_QUIET = (128, 131, 135)
_CLEAR = (224, 225, 222)
_ASPECT = 1.6
_TALLEST = 16000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page in pixels: `side` is the margin, `gap` the gutter, `label` the strip of words."""

    columns: int
    rows: int
    width: int
    side: int
    gap: int
    cell: tuple[int, int]
    head: int
    label: int
    letter: int

    @property
    def height(self) -> int:
        """From edge to edge."""
        rows = self.rows * (self.cell[1] + self.label) + (self.rows - 1) * self.gap
        return self.head + rows + self.side

    def corner(self, index: int) -> tuple[int, int]:
        """Top left of one cell."""
        row, column = divmod(index, self.columns)
        across, down = self.cell[0] + self.gap, self.cell[1] + self.label + self.gap
        return self.side + column * across, self.head + row * down


def perform(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """Lay `images` (of clips the middle frame) in equal cells with `labels` below; JPG.

    Raises:
        OpError: a parameter breaks its rule, or a picture cannot be read.
    """
    params = action.params
    images = blobs(params, "images")
    for index, item in enumerate(images):
        if not (pictures.is_picture(item.media) or pictures.is_clip(item.media)):
            raise fault("media-type", f"images[{index}] must be a picture or a clip, not {short(item.media)}",
                        path="images")  # fmt: skip
    labels = _labels(params.get("labels"), len(images))
    width = whole(params, "width", 320, 12000) or 2400
    columns = whole(params, "columns", 1, 60)
    sources = [(path_of(files, item), item.media) for item in images]
    aspect = _aspect([pictures.facts(path, media) for path, media in sources])
    sheet = _plan(len(images), columns, width, aspect, 3.9 if any(labels) else 2.3)
    page = Image.new("RGB", (sheet.width, sheet.height), _GROUND)
    pen = ImageDraw.Draw(page)
    _title(pen, sheet, text(params, "title"), len(images))
    for index, (path, media) in enumerate(sources):
        _cell(page, sheet, index, stills.picture(path, media))
        _label(pen, sheet, index, labels[index])
    target = out / "sheet.jpg"
    pictures.save(page, target, "image/jpeg")
    return (Made(target, "image/jpeg", Facts(*page.size), f"pillow {PIL.__version__}"),)


def _labels(found: object, count: int) -> list[str]:
    if found is None:
        return [""] * count
    if not isinstance(found, list | tuple) or not all(isinstance(item, str) for item in found):
        raise misuse("labels", "a list of texts", found)
    if len(found) != count:
        raise fault("op-param", f"labels has {len(found)} texts for {count} images",
                    "write one label for each image", "labels")  # fmt: skip
    return [str(item) for item in found]


def _aspect(facts: Sequence[Facts]) -> float:
    """The middle one of the pictures' aspects: most cells then need no bars."""
    found = sorted((fact.width or 16) / (fact.height or 9) for fact in facts)
    return min(max(found[len(found) // 2], 0.5), 2.4)


def _plan(count: int, columns: int | None, width: int, aspect: float, words: float) -> Sheet:
    if columns is not None:
        return _lay(count, columns, width, aspect, words)
    sheets = [_lay(count, n, width, aspect, words) for n in range(1, min(count, 24) + 1)]
    return min(sheets, key=lambda sheet: (_misfit(sheet, count), sheet.columns))


def _misfit(sheet: Sheet, count: int) -> float:
    """How far from the wanted aspect, and how much of the last row stays empty."""
    holes = (sheet.columns * sheet.rows - count) / (sheet.columns * sheet.rows)
    return abs(math.log(sheet.width / sheet.height / _ASPECT)) + holes


def _lay(count: int, columns: int, width: int, aspect: float, words: float) -> Sheet:
    side, gap = max(8, width // 48), max(4, width // 110)
    inner = max(columns * 8, width - 2 * side - (columns - 1) * gap)
    wide = inner // columns
    rows = math.ceil(count / columns)
    room = max(8, _TALLEST // rows)
    high = max(6, min(round(wide / aspect), room))
    letter = max(9, min(round(wide * 0.05), width // 90))
    label = round(letter * words)
    return Sheet(columns, rows, width, side, gap, (wide, high), round(side * 2.6), label, letter)


def _title(pen: ImageDraw.ImageDraw, sheet: Sheet, title: str, count: int) -> None:
    size = max(10, round(sheet.side * 0.62))
    small = max(9, round(size * 0.62))
    total = f"{count} frame{'s' if count != 1 else ''}"
    right = sheet.width - sheet.side - lettering.width(total, small)
    top = round(sheet.side * 0.82)
    drop = round((size - small) * 0.8)
    lettering.draw(pen, (right, top + drop), total, small, _QUIET)
    words = lettering.shorten(title or "Contact sheet", size, right - sheet.side * 2)
    lettering.draw(pen, (sheet.side, top), words, size, _CLEAR)
    line = round(sheet.side * 2.05)
    pen.line((sheet.side, line, sheet.width - sheet.side - 1, line), fill=_EDGE,
             width=max(1, sheet.width // 1600))  # fmt: skip


def _cell(page: Image.Image, sheet: Sheet, index: int, image: Image.Image) -> None:
    x, y = sheet.corner(index)
    page.paste(pictures.fitted(pictures.flat(image, _CELL), sheet.cell, "pad", _CELL), (x, y))
    right, low = x + sheet.cell[0], y + sheet.cell[1]
    ImageDraw.Draw(page).rectangle((x - 1, y - 1, right, low), outline=_EDGE)


def _label(pen: ImageDraw.ImageDraw, sheet: Sheet, index: int, label: str) -> None:
    x, y = sheet.corner(index)
    top = y + sheet.cell[1] + round(sheet.letter * 0.6)
    number = f"{index + 1:02d}"
    lettering.draw(pen, (x, top), number, sheet.letter, _QUIET)
    left = x + lettering.width("000 ", sheet.letter)
    lines = lettering.wrap(label, sheet.letter, x + sheet.cell[0] - left, 2)
    for row, line in enumerate(lines):
        lettering.draw(
            pen, (left, top + round(row * sheet.letter * 1.3)), line, sheet.letter, _CLEAR
        )
