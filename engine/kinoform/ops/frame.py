"""`local/frame`: one exact frame of a clip, as PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.types import Facts
from kinoform.ops import ffmpeg, pictures, stills
from kinoform.ops.params import blob, fault, misuse, path_of, short
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PIL import Image

    from kinoform.core.types import Action

_SECONDS = 300.0


def perform(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """Cut the frame of `video` that is on screen at `at`: "first", "last" or seconds.

    Raises:
        OpError: `video` is no clip, or `at` lies beyond its end.
    """
    clip = blob(action.params, "video")
    if not pictures.is_clip(clip.media):
        raise fault("media-type", f"video must be a clip, not {short(clip.media)}", path="video")
    wanted = action.params.get("at")
    image = _cut(path_of(files, clip), clip.media, wanted, action.timeout or _SECONDS)
    target = out / "frame.png"
    pictures.save(image, target, "image/png")
    return (Made(target, "image/png", Facts(*image.size), str(ffmpeg.find())),)


def _cut(path: Path, media: str, wanted: Any, timeout: float) -> Image.Image:
    if wanted == "first":
        return stills.first(path, media, timeout)
    if wanted == "last":
        return stills.last(path, media, timeout)
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return stills.at(path, media, wanted, timeout)
    raise misuse("at", '"first", "last" or seconds', wanted)
