"""Time in a drafted clip: which picture shows when, how the camera moves over it, what dissolves.

Pure: frame numbers in, planes out. The first frame of a first picture and the last of a last one
are those pictures untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.ops.sketch.planes import WHOLE, Box, Planes, blend, over, patched, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FADE = 0.14  # of the clip: captions come and go in it


@dataclass(frozen=True, slots=True)
class Source:
    """A picture, perhaps with a nearer plane that moves further, and the camera's two ends.

    `region` holds all that the nearer plane can ever cover; `drawn` pictures are soft enough for
    a quicker filter.
    """

    back: Planes
    begin: Box
    end: Box
    front: Planes | None = None
    cover: Planes | None = None
    drawn: bool = False
    near: tuple[Box, Box] = (WHOLE, WHOLE)
    region: Box = WHOLE


@dataclass(frozen=True, slots=True)
class Turn:
    """From when to when (shares of the clip) one source gives way to the next."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Words:
    """A caption strip on screen until a share of the clip; it stands at the panel's foot."""

    strip: Planes
    until: float


@dataclass(frozen=True, slots=True)
class Clip:
    """Sources in order with a turn between each two, and the captions over them.

    `bare` says at which ends no caption may be on screen: first frame, last frame.
    """

    frames: int
    sources: tuple[Source, ...]
    turns: tuple[Turn, ...]
    words: tuple[Words, ...]
    bare: tuple[bool, bool]


def frames(clip: Clip) -> Iterator[bytes]:
    """Every frame as raw planes, in order."""
    for number in range(clip.frames):
        yield frame(clip, number).raw()


def frame(clip: Clip, number: int) -> Planes:
    """One frame."""
    t = number / max(1, clip.frames - 1)
    shown = _picture(clip, t)
    share = _presence(t, clip.bare)
    strip = next((words.strip for words in clip.words if t <= words.until), None)
    if strip is None or share <= 0:
        return shown
    return patched(shown, strip, shown.size[1] - strip.size[1], share)


def _picture(clip: Clip, t: float) -> Planes:
    current = _seen(clip, 0, t) if not clip.turns or t < clip.turns[0].end else None
    for index, turn in enumerate(clip.turns):
        if t >= turn.end:
            current = None
            continue
        if current is None:
            current = _seen(clip, index, t)
        if t > turn.begin:
            share = ease((t - turn.begin) / (turn.end - turn.begin))
            current = blend(current, _seen(clip, index + 1, t), share)
        return current
    return current if current is not None else _seen(clip, len(clip.sources) - 1, t)


def _seen(clip: Clip, index: int, t: float) -> Planes:
    """A source as the camera sees it now; its move lasts as long as it is on screen."""
    source = clip.sources[index]
    start = clip.turns[index - 1].begin if index else 0.0
    stop = clip.turns[index].end if index < len(clip.turns) else 1.0
    local = min(1.0, max(0.0, (t - start) / max(1e-9, stop - start)))
    share = local * 0.55 + ease(local) * 0.45
    drawn = source.drawn
    back = window(source.back, between(source.begin, source.end, share), fine=not drawn)
    if source.front is None or source.cover is None:
        return back
    near = between(*source.near, share)
    cover = window(source.cover, near, source.region, fine=False)
    front = window(source.front, near, source.region, fine=False)
    return over(front, back, cover, source.region)


def between(one: Box, other: Box, share: float) -> Box:
    """A box on the way from one to the other."""
    if share <= 0:
        return one
    if share >= 1:
        return other
    a, b, c, d = (p + (q - p) * share for p, q in zip(one, other, strict=True))
    return a, b, c, d


def closer(zoom: float, toward: tuple[float, float]) -> Box:
    """The whole picture pushed in by a share, toward a point of it."""
    left, top = zoom * toward[0], zoom * toward[1]
    return left, top, left + 1 - zoom, top + 1 - zoom


def ease(t: float) -> float:
    """Slow at both ends."""
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def _presence(t: float, bare: tuple[bool, bool]) -> float:
    rise = ease((t - 0.02) / _FADE) if bare[0] else 1.0
    fall = ease((0.98 - t) / _FADE) if bare[1] else 1.0
    return min(rise, fall)


def cuts(shares: Sequence[float], seconds: float) -> tuple[Turn, ...]:
    """Short dissolves around the given shares of a clip."""
    half = min(0.3 / max(seconds, 0.1), 0.04)
    return tuple(Turn(max(0.0, share - half), min(1.0, share + half)) for share in shares)
