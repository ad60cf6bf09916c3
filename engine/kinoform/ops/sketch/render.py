"""`draft/sketch`: stands in for any hosted model, free, offline and always the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import PIL

from kinoform.core.types import Facts
from kinoform.ops import pictures
from kinoform.ops.sketch import clip, picture, request
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.core.types import Action


def perform(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """Make every result that `outputs` asks for, in order, from the `brief`.

    Raises:
        OpError: an input cannot be read, or a result is of no media type that can be drawn.
    """
    ask = request.read(action.params, action.take)
    return tuple(_make(ask, index, files, out, action.timeout) for index in range(len(ask.outputs)))


def _make(
    ask: request.Ask, index: int, files: Mapping[str, Path], out: Path, timeout: float | None
) -> Made:
    output = ask.outputs[index]
    target = out / f"{index + 1}{pictures.SUFFIX.get(output.media, '')}"
    if request.moving(output):
        return clip.make(ask, index, files, target, timeout)
    image = picture.still(ask, index, output, files)
    pictures.save(image, target, output.media)
    return Made(target, output.media, Facts(*image.size), f"pillow {PIL.__version__}")
