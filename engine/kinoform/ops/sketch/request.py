"""A draft request as it arrives in an action's parameters, read once into plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.core.canon import hexdigest
from kinoform.core.classes import dataclass
from kinoform.core.types import Blob, Facts
from kinoform.ops.params import misuse
from kinoform.ops.pictures import LARGEST, is_clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Media: TypeAlias = Blob | str
_SIDE, _SECONDS, _FPS = 1024, 5.0, 24.0
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a clip with words of its own; `seconds` 0 means an even share."""

    prompt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Output:
    """One result to make, with every fact decided."""

    media: str
    width: int
    height: int
    seconds: float
    fps: float
    audio: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything that the renderer looks at. Text where media stands was never fetched."""

    seed: str
    take: int
    prompt: str
    image: Media | None
    video: Media | None
    first: Media | None
    last: Media | None
    references: tuple[Media, ...]
    segments: tuple[Segment, ...]
    outputs: tuple[Output, ...]


def read(params: Mapping[str, Any], take: int) -> Ask:
    """The request; unknown names are ignored. Raises OpError if no output is asked for."""
    brief = params.get("brief") or {}
    wanted = params.get("outputs")
    if not isinstance(wanted, list | tuple) or not wanted:
        raise misuse("outputs", "a list of at least one result", wanted)
    segments = tuple(_segments(brief.get("segments")))
    words = _text(brief.get("prompt")) or " ".join(segment.prompt for segment in segments)
    sound = brief.get("sound") is True
    return Ask(
        seed=hexdigest({"request": _plain(params), "take": take}),
        take=take,
        prompt=words,
        image=_media(brief.get("image")),
        video=_media(brief.get("video")),
        first=_media(brief.get("first_frame")),
        last=_media(brief.get("last_frame")),
        references=tuple(_references(brief)),
        segments=segments,
        outputs=tuple(_output(item, brief, sound=sound) for item in wanted),
    )


def following(output: Output, facts: Facts) -> Output:
    """The output of an edited clip: as long and as fast as its source."""
    return replace(output, seconds=facts.seconds or output.seconds, fps=facts.fps or output.fps)


def _output(item: Mapping[str, Any], brief: Mapping[str, Any], *, sound: bool) -> Output:
    seconds = item.get("seconds") or brief.get("duration") or _SECONDS
    audio = item.get("audio")
    width, height = int(item.get("width") or _SIDE), int(item.get("height") or _SIDE)
    if min(width, height) < 1 or width * height > LARGEST:
        raise misuse("outputs", "pictures of 1 to 50 million pixels", f"{width}x{height}")
    return Output(
        media=str(item.get("media") or "image/jpeg"),
        width=width,
        height=height,
        seconds=float(seconds) if isinstance(seconds, int | float) else _SECONDS,
        fps=float(item.get("fps") or _FPS),
        audio=sound if audio is None else bool(audio),
    )


def _text(found: Any) -> str:
    return found.strip() if isinstance(found, str) else ""


def _media(found: Any) -> Media | None:
    return found if isinstance(found, Blob) or (isinstance(found, str) and found) else None


def _list(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found] if found else []


def _references(brief: Mapping[str, Any]) -> Iterable[Media]:
    named = [*_list(brief.get("references")), *_list(brief.get("reference_videos"))]
    for element in _list(brief.get("elements")):
        if isinstance(element, dict):
            named += [element.get("frontal_image"), *_list(element.get("images"))]
    seen = (_media(item) for item in named)
    return dict.fromkeys(item for item in seen if item is not None)


def _segments(found: Any) -> Iterable[Segment]:
    for item in _list(found):
        if isinstance(item, dict):
            seconds = item.get("seconds") or item.get("duration") or 0
            plain = isinstance(seconds, int | float) and seconds > 0
            yield Segment(_text(item.get("prompt")), float(seconds) if plain else 0.0)


def _plain(value: Any, depth: int = 0) -> Any:
    """The request as canonical data: files by digest, everything else as it stands."""
    if isinstance(value, Blob):
        return value.digest
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if depth > _DEEPEST:
        return repr(type(value))
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if hasattr(value, "items"):
        return {str(name): _plain(item, depth + 1) for name, item in value.items()}
    return str(value)


def moving(output: Output) -> bool:
    """Whether it is a clip."""
    return is_clip(output.media)
