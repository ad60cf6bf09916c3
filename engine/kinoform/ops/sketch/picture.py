"""A drafted still: drawn from its words or made over from a picture, captioned and pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.types import Blob
from kinoform.ops import stills
from kinoform.ops.params import path_of
from kinoform.ops.sketch import caption, finish, ground, scene, words
from kinoform.ops.sketch.dice import Dice
from kinoform.ops.sketch.palette import Palette, palette

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PIL import Image

    from kinoform.ops.sketch.request import Ask, Media, Output


_LIKE = 0.02  # how far proportions may differ and still be the same frame


@dataclass(frozen=True, slots=True)
class Style:
    """What one result is drawn with: its cues, its colours and its chance."""

    cues: words.Cues
    palette: Palette
    dice: Dice


def style(ask: Ask, index: int, text: str | None = None) -> Style:
    """The style of result `index`; `text` instead of the whole prompt for a segment."""
    cues = words.read(ask.prompt if text is None else text)
    dice = Dice(f"{ask.seed}/{index}")
    return Style(cues, palette(cues, dice.fork("palette")), dice)


def opened(item: Media, files: Mapping[str, Path], tones: Palette) -> Image.Image:
    """The picture, a clip's middle frame, or a placeholder for what was not fetched."""
    if isinstance(item, Blob):
        return stills.picture(path_of(files, item), item.media)
    return caption.placeholder(item, tones)


def still(ask: Ask, index: int, output: Output, files: Mapping[str, Path]) -> Image.Image:
    """One finished still at its exact size. Raises OpError if a reference cannot be read."""
    size = (output.width, output.height)
    look = style(ask, index)
    base, rest = _ground(ask, output)
    if isinstance(base, Blob):
        image = ground.retouched(opened(base, files, look.palette), size, look.palette)
        image = finish.finished(image, look.dice, 0.6)
    else:
        stage = scene.scene(size, look.cues, look.palette, look.dice)
        image = finish.finished(scene.small(stage, size), look.dice)
    pins(image, rest, files, look)
    below = caption.strip(size, ask.prompt, ask.take, look.palette)
    image.paste(below, (0, size[1] - below.height))
    return image


def _ground(ask: Ask, output: Output) -> tuple[Media | None, list[Media]]:
    """What the still is based on, and what is only pinned to it.

    A model without an edit input takes the picture to edit as its first reference, and people keep
    its proportions; a character sheet of another shape is quoted, not painted over.
    """
    named = [item for item in (ask.image, ask.video, ask.first) if item is not None]
    everything = [*named, *ask.references]
    edited = [*named, *(item for item in ask.references[:1] if _same_shape(item, output))]
    base = next((item for item in edited if isinstance(item, Blob)), None)
    return base, [item for item in everything if item is not base]


def _same_shape(item: Media, output: Output) -> bool:
    if not isinstance(item, Blob) or not item.facts.width or not item.facts.height:
        return False
    shape = item.facts.width / item.facts.height
    return abs(shape * output.height / output.width - 1) <= _LIKE


def pins(image: Image.Image, items: list[Media], files: Mapping[str, Path], look: Style) -> None:
    """Pin prints of these to a picture."""
    prints = [(opened(item, files, look.palette), _label(item)) for item in items[:8]]
    caption.pinned(image, prints, look.palette, look.dice.fork("pins"))


def _label(item: Media) -> str:
    return "" if isinstance(item, Blob) else "not fetched"
