"""What a clip or a sound really is, read from ffmpeg's header and every packet's time.

There is no ffprobe to ask; packets are listed without decoding them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.errors import OpError
from kinoform.core.types import Facts
from kinoform.ops import ffmpeg
from kinoform.ops.params import fault, short

if TYPE_CHECKING:
    from pathlib import Path

_STREAM = re.compile(r"^ {2}Stream #0:\d+.*?: (Video|Audio): (.*)$", re.MULTILINE)
_SIZE = re.compile(r", (\d{1,5})x(\d{1,5})\b")
_RATE = re.compile(r" ([\d.]+) (?:fps|tbr)\b")
_START = re.compile(r"Duration: .*?start: (-?[\d.]+)")
_TURN = re.compile(r"rotation of (-?\d+)")
_BASE = re.compile(rb"^#tb 0: (\d+)/(\d+)", re.MULTILINE)
# The NTSC rates, which headers round to two digits.
_NTSC = {f"{n * 1000 / 1001:.2f}": Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)}
_SECONDS = 120.0
_LARGEST = 50_000_000
_HD = 576
_A_TICK = 0.1  # of a frame


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip in figures: pixels as shown, exact rate, frame times in seconds from the first.

    `start` is the container's first time and `first` that of the first frame, both in seconds;
    `matrix` is the colour matrix to decode with.
    """

    width: int
    height: int
    rate: Fraction
    seconds: float
    times: tuple[float, ...]
    audio: bool
    matrix: str
    start: float
    first: float


def probe(path: Path, media: str) -> Facts:
    """Facts of a clip or a sound file. Raises OpError if it is not what `media` says."""
    if media.startswith("audio/"):
        return Facts(seconds=sound(path, media), audio=True)
    seen = clip(path, media)
    return Facts(seen.width, seen.height, seen.seconds, float(seen.rate), seen.audio)


def sound(path: Path, media: str) -> float:
    """Seconds of a sound, by its packets. Raises OpError."""
    listed, _ = _list(path, media, "0:a:0")
    rows, base = _packets(listed)
    if not rows:
        raise fault("bad-media", "the file holds no sound")
    return float((max(pts + span for pts, span in rows) - min(pts for pts, _ in rows)) * base)


def clip(path: Path, media: str) -> Clip:
    """The clip, measured. Raises OpError if there is no picture in it."""
    listed, header = _list(path, media, "0:v:0")
    streams = _STREAM.findall(header)
    video = next((rest for kind, rest in streams if kind == "Video"), "")
    size = _SIZE.search(video)
    rows, base = _packets(listed)
    if size is None or not rows:
        raise fault("bad-media", "the file holds no moving picture")
    width, height = int(size[1]), int(size[2])
    if width * height > _LARGEST or not width * height:
        raise fault("picture-too-large", f"a clip of {width}x{height} is above 50 million pixels")
    if _TURN.search(header) and abs(int(_TURN.findall(header)[0])) % 180:
        width, height = height, width
    points = sorted(pts for pts, _ in rows)
    rate = _rate(video, points, base)
    start = _START.search(header)
    return Clip(
        width, height, rate, _length(rows, base, rate),
        tuple(float((at - points[0]) * base) for at in points),
        any(kind == "Audio" for kind, _ in streams), _matrix(video, height),
        float(start[1]) if start else 0.0, float(points[0] * base),
    )  # fmt: skip


def _list(path: Path, media: str, stream: str) -> tuple[bytes, str]:
    argv = [*ffmpeg.source(path, media), "-map", stream, "-c", "copy", "-copyts"]
    try:
        return ffmpeg.run([*argv, "-f", "framecrc", "-"], timeout=_SECONDS, level="info")
    except OpError as error:
        if error.problems[0].code != "ffmpeg-failed":
            raise
        raise fault("bad-media", f"this is no readable {short(media)}") from error


def _packets(listed: bytes) -> tuple[list[tuple[int, int]], Fraction]:
    base = _BASE.search(listed)
    rows = [line.split(b",") for line in listed.splitlines() if not line.startswith(b"#")]
    times = [(int(row[2]), int(row[3])) for row in rows]
    if base is None or not int(base[2]):
        return [], Fraction(1)
    return times, Fraction(int(base[1]), int(base[2]))


def _rate(video: str, points: list[int], base: Fraction) -> Fraction:
    said = _RATE.search(video)
    if said and float(said[1]):
        return _NTSC.get(said[1]) or Fraction(said[1])
    if len(points) > 1 and points[-1] > points[0]:
        return (1 / ((points[-1] - points[0]) * base / (len(points) - 1))).limit_denominator(1001)
    return Fraction(24)


def _length(rows: list[tuple[int, int]], base: Fraction, rate: Fraction) -> float:
    first = min(pts for pts, _ in rows)
    last, span = max(rows)
    ticks = (last - first) * base + (span * base if span else 1 / rate)
    frames = float(ticks * rate)
    # Containers that count milliseconds are a tick off: a whole number of frames was meant.
    whole = round(frames)
    return float(whole / rate) if whole and abs(frames - whole) < _A_TICK else float(ticks)


def _matrix(video: str, height: int) -> str:
    if any(tag in video for tag in ("bt709", "bt470bg", "smpte170m", "bt2020", "gbr")):
        return "auto"
    # Players read untagged clips by this convention; ffmpeg alone would always say bt601.
    return "bt709" if height > _HD else "bt601"
