"""One exact picture out of a clip: the first, the last, or the one on screen at a time."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image

from kinoform.ops import ffmpeg, pictures
from kinoform.ops.params import fault
from kinoform.ops.probe import Clip, clip

if TYPE_CHECKING:
    from collections.abc import Sequence

# Decoding starts this long before the wanted frame: what comes earlier is never looked at.
_RUN_UP = 1.0
_SECONDS = 300.0


def first(path: Path, media: str, timeout: float = _SECONDS) -> Image.Image:
    """The first decoded frame. Raises OpError."""
    return _needed(_decode(path, media, clip(path, media), [], ["-frames:v", "1"], timeout))


def last(path: Path, media: str, timeout: float = _SECONDS) -> Image.Image:
    """The last decoded frame, whatever the frame rate does. Raises OpError."""
    seen = clip(path, media)
    return _reaching(path, media, seen, seen.times[-1], [], timeout)


def at(path: Path, media: str, seconds: float, timeout: float = _SECONDS) -> Image.Image:
    """The frame on screen at `seconds` from the first. Raises OpError beyond the end."""
    seen = clip(path, media)
    if not 0 <= seconds < seen.seconds:
        raise fault("beyond-end", f"the clip is {seen.seconds:.3f} s long: it has no frame at {seconds:g} s",
                    'write at: "last" for its last frame', "at")  # fmt: skip
    index = bisect_right(seen.times, seconds + 1e-6) - 1
    if index == len(seen.times) - 1:
        return _reaching(path, media, seen, seen.times[-1], [], timeout)
    # The cut lies half way to the next frame, so that no rounding of times can matter.
    end = seen.first + (seen.times[index] + seen.times[index + 1]) / 2
    return _reaching(path, media, seen, seen.times[index], [f"trim=end={end:.6f}"], timeout)


def middle(path: Path, media: str, timeout: float = _SECONDS) -> Image.Image:
    """The frame half way through. Raises OpError."""
    return at(path, media, clip(path, media).seconds / 2, timeout)


def _reaching(
    path: Path, media: str, seen: Clip, seconds: float, cut: list[str], timeout: float
) -> Image.Image:
    begin = seen.first - seen.start + seconds - _RUN_UP
    seek = ["-ss", f"{begin:.6f}"] if begin > 0 else []
    tail = ["-update", "1"]
    found = _decode(path, media, seen, seek, ["-vf", _filters(seen, cut), *tail], timeout)
    if found is None and seek:  # an index that leads astray: read it all
        found = _decode(path, media, seen, [], ["-vf", _filters(seen, cut), *tail], timeout)
    return _needed(found)


def _filters(seen: Clip, cut: Sequence[str]) -> str:
    flags = "accurate_rnd+full_chroma_int+full_chroma_inp"
    return ",".join([*cut, f"scale=in_color_matrix={seen.matrix}:flags={flags}", "format=rgb24"])


def _decode(
    path: Path, media: str, seen: Clip, seek: list[str], take: list[str], timeout: float
) -> Image.Image | None:
    filters = [] if "-vf" in take else ["-vf", _filters(seen, ())]
    with TemporaryDirectory() as scratch:
        # Every frame overwrites the one before: the file that stays is the last one decoded.
        target = Path(scratch, "frame.ppm")
        argv = ["-threads", "1", "-copyts", *seek, *ffmpeg.source(path, media), "-map", "0:v:0",
                "-an", *filters, "-fps_mode", "passthrough", *take,
                "-f", "image2", "-c:v", "ppm", "-update", "1", "-y", f"file:{target}"]  # fmt: skip
        ffmpeg.run(argv, timeout=timeout)
        if not target.exists():
            return None
        with Image.open(target, formats=["PPM"]) as image:
            return image.convert("RGB")


def _needed(found: Image.Image | None) -> Image.Image:
    if found is None:
        raise fault("bad-media", "no frame of the clip could be decoded")
    return found


def picture(path: Path, media: str) -> Image.Image:
    """The picture itself, or the middle frame of a clip. Raises OpError."""
    return middle(path, media) if pictures.is_clip(media) else pictures.load(path)
