"""What a drafted clip shows when: segments, given pictures and captions laid out in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from kinoform.core.classes import dataclass
from kinoform.core.types import Blob
from kinoform.ops import pictures, stills
from kinoform.ops.params import path_of
from kinoform.ops.sketch import caption, finish, ground, motion, picture, scene
from kinoform.ops.sketch.planes import WHOLE, Planes, coloured_detail, masks, planes, reached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kinoform.ops.sketch.picture import Style
    from kinoform.ops.sketch.request import Ask, Media

_PUSH = 0.085
_SHOWS = 16.0  # mean square error: 36 dB, well above what a frame must keep


@dataclass(frozen=True, slots=True)
class _Plan:
    """What all sources of a clip share: size, chroma step, and prints to pin on drawn scenes."""

    size: tuple[int, int]
    step: int
    prints: Sequence[tuple[Image.Image, str]]


def spans(ask: Ask, seconds: float) -> list[float]:
    """Seconds of each segment in a clip of so many."""
    ends = shares(ask)
    return [(end - begin) * seconds for begin, end in zip((0.0, *ends), ends, strict=False)]


def shares(ask: Ask) -> tuple[float, ...]:
    """Where each segment ends, as shares of the clip; one for a clip without segments."""
    weights = [segment.seconds for segment in ask.segments] or [1.0]
    even = sum(weights) / max(1, sum(1 for weight in weights if weight)) or 1.0
    weights = [weight or even for weight in weights]
    total = sum(weights)
    return tuple(sum(weights[: index + 1]) / total for index in range(len(weights)))


def timeline(ask: Ask, index: int, files: Mapping[str, Path], count: int) -> motion.Clip:
    """The clip of result `index` in `count` frames. Raises OpError if a picture cannot be read."""
    output = ask.outputs[index]
    size = (output.width, output.height)
    first, last = (_frame(item, files, size) for item in (ask.first or ask.image, ask.last))
    ends = shares(ask)
    words = [segment.prompt or ask.prompt for segment in ask.segments] or [ask.prompt]
    looks = [picture.style(ask, index, text) for text in words]
    step = _step(size, [image for image in (first, last) if image is not None])
    sources = _sources(looks, (first, last), _Plan(size, step, _pinned(ask, files, looks[0])))
    turns = list(motion.cuts(ends[:-1], output.seconds))
    if len(sources) > len(turns) + 1:
        begin = ends[-2] if len(ends) > 1 else 0.0
        turns.append(motion.Turn(begin + (1 - begin) * 0.3, begin + (1 - begin) * 0.85))
    strips = _words(ask, (size, step), looks, words)
    bare = (ask.first is not None, ask.last is not None)
    return motion.Clip(count, tuple(sources), tuple(turns), tuple(strips), bare)


def _step(size: tuple[int, int], images: Sequence[Image.Image]) -> int:
    """2 where chroma may be halved, as in every common file; 1 where that would show or cannot be.

    Odd sides have no half; pictures that are all coloured detail would not be met by their frames.
    """
    odd = size[0] % 2 or size[1] % 2
    return 1 if odd or any(coloured_detail(image) > _SHOWS for image in images) else 2


def _frame(
    item: Media | None, files: Mapping[str, Path], size: tuple[int, int]
) -> Image.Image | None:
    if not isinstance(item, Blob):
        return None
    return pictures.fill(pictures.flat(stills.picture(path_of(files, item), item.media)), size)


def _pinned(ask: Ask, files: Mapping[str, Path], look: Style) -> list[tuple[Image.Image, str]]:
    named = [item for item in (ask.first, ask.last, ask.video) if isinstance(item, str)]
    items = [*named, *ask.references][:8]
    return [
        (picture.opened(item, files, look.palette), "" if isinstance(item, Blob) else "not fetched")
        for item in items
    ]


def _sources(
    looks: Sequence[Style], ends: tuple[Image.Image | None, Image.Image | None], plan: _Plan
) -> list[motion.Source]:
    """One source for each segment, the last picture after them if there is one."""
    first, last = ends
    found: list[motion.Source] = []
    for number, look in enumerate(looks):
        toward = (look.dice.between(0.3, 0.7), look.dice.between(0.25, 0.55))
        if number == 0 and first is not None:
            pushed = motion.closer(_PUSH, toward)
            found.append(motion.Source(planes(first, plan.step), WHOLE, pushed))
        elif number == 0 and last is not None and len(looks) == 1:
            break  # a single picture to arrive at: it is pulled back from, all the way
        elif first is not None:
            made = finish.finished(ground.retouched(first, plan.size, look.palette), look.dice, 0.5)
            found.append(_still(planes(made, plan.step), number, toward))
        else:
            found.append(_drawn(look, number, plan))
    if last is not None:
        toward = (looks[-1].dice.between(0.35, 0.65), looks[-1].dice.between(0.3, 0.5))
        found.append(motion.Source(planes(last, plan.step), motion.closer(_PUSH, toward), WHOLE))
    return found


def _still(image: Planes, number: int, toward: tuple[float, float]) -> motion.Source:
    ends = (motion.closer(0.16, toward), motion.closer(0.06, (1 - toward[0], toward[1])))
    return motion.Source(image, *(ends if number % 2 else ends[::-1]))


def _drawn(look: Style, number: int, plan: _Plan) -> motion.Source:
    """A drawn scene whose near plane drifts against the far one."""
    stage = scene.scene(plan.size, look.cues, look.palette, look.dice)
    back = finish.finished(stage.back.resize(plan.size, Image.Resampling.BICUBIC), look.dice)
    caption.pinned(back, plan.prints, look.palette, look.dice.fork("pins"), inset=0.07)
    side = stage.lit * (1 if number % 2 == 0 else -1)
    toward, far = (0.5 + side * 0.5, 0.4), (0.5 - side * 0.5, 0.5)
    begin, end = motion.closer(0.05, far), motion.closer(0.075, toward)
    far_plane = planes(back, plan.step)
    cover = stage.cover.resize(plan.size)
    if cover.getbbox() is None:
        return motion.Source(far_plane, begin, end, drawn=True)
    front = finish.finished(stage.front.resize(plan.size, Image.Resampling.BICUBIC), look.dice, 0.7)
    near = (motion.closer(0.035, toward), motion.closer(0.115, (0.5, 0.55)))
    return motion.Source(
        far_plane, begin, end, planes(front, plan.step), masks(cover, plan.step),
        drawn=True, near=near, region=reached(cover, near, plan.step),
    )  # fmt: skip


def _words(
    ask: Ask, plan: tuple[tuple[int, int], int], looks: Sequence[Style], words: Sequence[str]
) -> list[motion.Words]:
    size, step = plan
    ends = shares(ask)
    found: list[motion.Words] = []
    for number, (look, end) in enumerate(zip(looks, ends, strict=True)):
        bar = caption.Bar(ends, number) if len(ends) > 1 else None
        strip = caption.strip(size, words[number], ask.take, look.palette, bar)
        found.append(motion.Words(planes(strip, step), end))
    return found
