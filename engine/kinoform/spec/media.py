"""Whether the media in a request are what its model takes: kind, bytes, sides, length, aspect.

Judged by facts alone, so it works for artifacts that do not exist yet; unknown facts break nothing.
How many media a field takes is the business of the schema.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from kinoform.core.types import Facts
from kinoform.spec.fields import Finding, any_holds, dotted, get, is_source, matches
from kinoform.spec.outputs import expects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kinoform.core.types import Expect, Source
    from kinoform.spec.catalog import Model
    from kinoform.spec.outputs import FactsOf, MediaOf


_NOTHING = Facts()
_RATE = 0.01  # frames per second: 23.976 is written for 24000/1001
_ALONE = ("takes", "sides", "seconds", "bytes")
_LEEWAY = 0.05  # seconds: a frame more or less is how clips are cut; it is no other length


def _no_size(_source: Source) -> int | None:
    return None


def check_media(
    model: Model,
    params: Mapping[str, Any],
    facts_of: FactsOf,
    media_of: MediaOf,
    size_of: Callable[[Source], int | None] = _no_size,
    *,
    sound: bool = True,
) -> tuple[Finding, ...]:
    """Every medium that its field does not take, as far as the three functions know it.

    `size_of` gives bytes, of files that are there. A request that is not `sound` makes nothing
    that its media could be measured by: they are judged by themselves alone.
    """
    found: list[Finding] = []
    made = cache(lambda: expects(model, params, facts_of)[0])
    for path, rule in model.table("media").items():
        limits = rule if sound else {k: v for k, v in rule.items() if k in _ALONE}
        right: dict[
            tuple[str | None, int, int | None], Facts
        ] = {}  # thousands in one list are alike
        for at, value in (pair for pair in matches(params, path) if is_source(pair[1])):
            media, facts, size = media_of(value), facts_of(value) or _NOTHING, size_of(value)
            if (media, id(facts), size) not in right:
                one = _One(params, limits, dotted(at), made)
                said = [*one.check(media, facts), *one.weight(size)]
                found += said
                right |= {} if said else {(media, id(facts), size): facts}
    if sound and "most" in model.table("outputs"):
        found += _too_large(model.table("outputs")["most"], made())
    return tuple(found)


def _too_large(most: Mapping[str, Any], made: Expect) -> Iterator[Finding]:
    """What the request would make, above what can be made."""
    width, height, path = made.facts.width or 0, made.facts.height or 0, most["path"]
    seen = f"{path} gives {width}x{height}"
    if max(width, height) > most["side"]:
        said = f"{seen}; a side has at most {most['side']} px"
        yield Finding("side-out-of-range", "error", path, said)
    elif width * height > most["pixels"]:
        said = f"{seen}; at most {most['pixels'] // 1_000_000} million pixels are made"
        yield Finding("picture-too-large", "error", path, said)


class _One:
    """One medium in its field."""

    def __init__(
        self,
        params: Mapping[str, Any],
        rule: Mapping[str, Any],
        path: str,
        made: Callable[[], Expect],
    ) -> None:
        self.params, self.rule, self.path, self.made = params, rule, path, made

    def check(self, media: str | None, facts: Facts) -> Iterator[Finding]:
        """A wrong kind is said alone: its other facts mean nothing then."""
        takes = self.rule["takes"]
        if media and "any" not in takes and _kind(media) not in takes:
            said = f"{self.path} is {_named(media)}, {_kinds(takes)} is wanted"
            yield Finding(
                "wrong-media", "error", self.path, said, _CURES.get(_pair(media, takes), "")
            )
            return
        if "sides" in self.rule:
            yield from self._sides(self.rule["sides"], facts)
        if "seconds" in self.rule:
            yield from self._seconds(self.rule["seconds"], facts)
        if "aspect" in self.rule:
            yield from self._aspect(self.rule["aspect"], facts)
        if "reaches" in self.rule:
            yield from self._reaches(self.rule["reaches"], facts)
        if "alike" in self.rule:
            yield from self._alike(self.rule["alike"], facts)

    def weight(self, size: int | None) -> Iterator[Finding]:
        """A file above the limit in bytes."""
        most = self.rule.get("bytes")
        if most is not None and size is not None and size > most:
            said = f"{self.path} is {size / _MEGA:.1f} MB; at most {most / _MEGA:g} MB are taken"
            yield Finding("media-too-large", "error", self.path, said)

    def _find(self, limit: Mapping[str, Any], code: str, said: str, hint: str) -> Finding:
        return Finding(code, limit["severity"], self.path, f"{self.path} is {said}", hint)

    def _sides(self, limit: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
        low, high = limit["min"], limit["max"]
        known = [side for side in (facts.width, facts.height) if side is not None]
        if known and not all(low <= side <= high for side in known):
            said = f"{facts.width}x{facts.height}; each side must be {low} to {high} px"
            yield self._find(limit, "side-out-of-range", said, limit.get("hint", ""))

    def _seconds(self, limit: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
        low, high, seconds = limit["min"], limit["max"], facts.seconds
        if seconds is not None and not low - _LEEWAY <= seconds <= high + _LEEWAY:
            said = f"{seconds:g} s long; it must be {low} to {high} s"
            yield self._find(limit, "length-out-of-range", said, limit.get("hint", ""))

    def _aspect(self, limit: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
        clip = self.made().facts
        if not (facts.width and facts.height and clip.width and clip.height):
            return
        off = abs(facts.width / facts.height / (clip.width / clip.height) - 1)
        if off > limit["within"]:
            said = (f"{facts.width}x{facts.height}, {off:.1%} away from the shape of the clip "
                    f"({clip.width}x{clip.height})")  # fmt: skip
            yield self._find(limit, "aspect-differs", said, limit.get("hint", ""))

    def _reaches(self, limit: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
        at = get(self.params, limit["path"])
        known = isinstance(at, int | float) and not isinstance(at, bool)
        if known and facts.seconds is not None and at >= facts.seconds:
            path = limit["path"]
            said = f"{path} {at:g} s is not within the clip, which is {facts.seconds:g} s long"
            yield Finding("beyond-end", limit["severity"], path, said, limit.get("hint", ""))

    def _alike(self, limit: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
        if any_holds(limit["when"], self.params) is not True:
            return
        cut = self.made().facts
        pairs = ((facts.width, cut.width), (facts.height, cut.height))
        if all(None not in pair for pair in pairs) and any(a != b for a, b in pairs):
            said = f"{facts.width}x{facts.height}; the cut is {cut.width}x{cut.height}"
            yield self._find(limit, "not-alike", said, limit.get("hint", ""))
        if facts.fps and cut.fps and abs(facts.fps - cut.fps) > _RATE:
            said = f"at {facts.fps:g} frames per second; the cut is at {cut.fps:g}"
            yield self._find(limit, "not-alike", said, limit.get("hint", ""))


_MEGA = 1 << 20
_WORDS = {"image": "a picture", "video": "a clip", "audio": "a sound"}
_CURES = {
    ("video", "image"): "take a frame of it: .first_frame, .last_frame or .frame(seconds)",
    ("image", "video"): "make a clip of it with a video model first",
}


def _kind(media: str) -> str:
    return media.partition("/")[0]


def _named(media: str) -> str:
    return f"{_WORDS.get(_kind(media), 'a file')} ({media})"


def _kinds(takes: list[str]) -> str:
    return " or ".join(_WORDS.get(kind, kind) for kind in takes)


def _pair(media: str, takes: list[str]) -> tuple[str, str]:
    return _kind(media), takes[0]
