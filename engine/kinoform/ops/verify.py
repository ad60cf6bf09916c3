"""Whether a download is the picture or clip that was asked for: type by content, decoded, whole.

Judges bytes only: where they came from and what they cost is nobody's business here.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.classes import dataclass
from kinoform.core.errors import OpError
from kinoform.core.types import Facts
from kinoform.ops import ffmpeg, pictures, probe
from kinoform.ops.extent import complete
from kinoform.ops.params import fault, short
from kinoform.ops.source import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from kinoform.core.types import Expect
    from kinoform.ops.source import Source

_TAIL: Final = 1.0  # seconds of a clip that are decoded: where a cut shows
_LIMIT: Final = 120.0
_SLACK: Final = (0.5, 0.02)  # seconds, and share of the length, that a header may be off
_HEAD: Final = 1024
_FRAMES: Final = re.compile(rb"^frame=\s*(\d+)", re.MULTILINE)
_SAID: Final = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")
_TAKEN: Final = {
    "image": ("image/png", "image/jpeg", "image/webp", "image/avif"),
    "video": ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska"),
    "audio": ("audio/mpeg", "audio/wav", "audio/flac", "audio/ogg", "audio/aac", "audio/mp4"),
}
_CALLED: Final = {"image": "a picture", "video": "a clip", "audio": "a sound"}
# Found anywhere in the head, because a byte order mark, blanks or a comment may come first.
_LOOKS: Final = (
    (b"#extm3u", "a playlist"),
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
)
_WORDS: Final = {"text/plain": "text", "application/octet-stream": "of no known type"}
# Faults of this machine: they say nothing of the file.
_OURS: Final = frozenset({"no-ffmpeg"})


@dataclass(frozen=True, slots=True)
class Verified:
    """What a whole file really is."""

    media: str
    facts: Facts = field(default_factory=Facts)


def check(files: Sequence[tuple[Source, Expect]]) -> list[tuple[str, Facts] | str]:
    """The same for what a run downloads: media type and facts of each file, or what is wrong."""
    found = verify_all([(source, expect.media) for source, expect in files])
    return [one if isinstance(one, str) else (one.media, one.facts) for one in found]


def verify_all(jobs: Sequence[tuple[Source, str]]) -> list[Verified | str]:
    """Each file with the media type that was asked for: what it is, or what is wrong with it.

    In order, and to be sent to a worker. Raises OpError and OSError for what says nothing of a
    file: no ffmpeg, a disk that fails.
    """
    return [_judged(source, wanted) for source, wanted in jobs]


def _judged(source: Source, wanted: str) -> Verified | str:
    try:
        return Verified(*verify(source, wanted))
    except OpError as error:
        (problem, *_) = error.problems
        if problem.code in _OURS:
            raise
        return problem.message


def verify(source: Source, wanted: str) -> tuple[str, Facts]:
    """The true media type and the facts of a file that is to be of the family of `wanted`.

    Clips and sounds are read by a program, and have to be at a path. A PNG where a JPEG was asked for passes as what it is. Raises OpError (`bad-media`,
    `media-type`, `picture-too-large`, `tool-timeout`, `no-ffmpeg`), OSError.
    """
    family = wanted.partition("/")[0]
    if family not in _TAKEN:
        raise fault("media-type", f"a picture, clip or sound can be verified, not {short(wanted)}")
    media = pictures.sniff(source)
    if media not in _TAKEN[family]:
        raise fault("bad-media", f"{_CALLED[family]} was expected; this is {_looks(source, media)}")
    complete(source, media)
    return media, _FACTS[family](source, media)


def _looks(source: Source, media: str) -> str:
    """What a file of the wrong type looks like, to people; quotes nothing of it."""
    if media not in _WORDS:
        return media
    with opened(source) as file:
        head = file.read(_HEAD).lower()
    if head.lstrip()[:1] in (b"{", b"["):
        return "JSON"
    found = (said for mark, said in _LOOKS if mark in head)
    return next(found, _WORDS[media]) if head else "an empty file"


def _clip(path: Path, media: str) -> Facts:
    facts = probe.probe(path, media)
    seconds = facts.seconds or 0.0
    said = _tail(path, media, max(seconds - _TAIL, 0.0))
    slack = max(_SLACK[0], seconds * _SLACK[1])
    if said > seconds + slack and not _sounds(path, media, said - slack, facts):
        seen = f"{said:g} s were announced, {seconds:g} s are there"
        raise fault("bad-media", f"this {media} is not whole: {seen}")
    return facts


def _sounds(path: Path, media: str, seconds: float, facts: Facts) -> bool:
    """Whether its sound is that long: a header tells the longest of both."""
    return bool(facts.audio) and probe.sound(path, media) >= seconds


def _tail(path: Path, media: str, start: float) -> float:
    """Decode from `start` to the end; the seconds that the header announces, 0 if it does not."""
    argv = ["-xerror", "-ss", f"{start:.3f}", *ffmpeg.source(path, media), "-map", "0:v:0",
            "-map", "0:a:0?", "-f", "null", "-progress", "pipe:1", "-nostats", "-"]  # fmt: skip
    try:
        counted, log = ffmpeg.run(argv, timeout=_LIMIT, level="info")
    except OpError as error:
        if error.problems[0].code != "ffmpeg-failed":
            raise
        raise fault("bad-media", f"the end of this {media} cannot be decoded") from error
    frames = _FRAMES.findall(counted)
    if not frames or not int(frames[-1]):
        raise fault("bad-media", f"the end of this {media} holds no picture")
    said = _SAID.search(log)
    return int(said[1]) * 3600 + int(said[2]) * 60 + float(said[3]) if said else 0.0


_FACTS: Final[Mapping[str, Callable[[Any, str], Facts]]] = {
    "image": pictures.decoded,
    "video": _clip,
    "audio": probe.probe,
}
