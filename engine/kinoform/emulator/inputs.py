"""What stands in a request where media go: bytes, ids of uploads and results, and addresses.

Nothing is ever fetched: an address elsewhere stands for a placeholder.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import OpError
from kinoform.core.types import Facts, File, Url
from kinoform.emulator.render import measured
from kinoform.emulator.world import Media
from kinoform.spec.fields import Finding, dotted, matches, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.core.types import Source
    from kinoform.emulator.world import World
    from kinoform.spec.catalog import Model

KEPT = 30 * 86400.0  # seconds for which an upload is kept after its last use
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(;[\w=.+-]+)*;base64,")
_HOSTED = re.compile(r"/media/([\w-]+)(\.\w+)?")
# What a clip elsewhere is taken for: its length decides a price.
ELSEWHERE = {"video": Facts(1920, 1080, 5.0, 24.0, audio=True), "audio": Facts(seconds=5.0)}


class Found:
    """The media of one request: a leaf for each place, and what is known of each leaf."""

    def __init__(self) -> None:
        self.media: dict[Source, Media] = {}
        self.kinds: dict[Source, str] = {}
        self.findings: list[Finding] = []

    def facts(self, leaf: Source) -> Facts | None:
        """What was measured; nothing of what lies elsewhere."""
        return self.media[leaf].facts if leaf in self.media else None

    def taken(self, leaf: Source) -> Facts | None:
        """The same, with a guess of what lies elsewhere."""
        return self.facts(leaf) or ELSEWHERE.get(self.kinds.get(leaf, ""))

    def type(self, leaf: Source) -> str | None:
        """The media type, if it is known."""
        return self.media[leaf].media if leaf in self.media else None

    def size(self, leaf: Source) -> int | None:
        """Bytes, of what is there."""
        data = self.media[leaf].data if leaf in self.media else None
        return None if data is None else len(data)


async def find(
    world: World, model: Model, request: Mapping[str, Any], key: str
) -> tuple[Mapping[str, Any], Found]:
    """The request with a leaf wherever media stand, and what they are."""
    found, places = Found(), []
    for path, rule in model.table("media").items():
        places += [(at, value, rule["takes"]) for at, value in matches(request, path)]
    if not places:
        return request, found
    copy = _copied(request)
    for at, value, takes in places:
        leaf = await _leaf(world, value, key, found)
        if leaf is None:
            said = f"{dotted(at)} is {shown(value)}, which is no media that we can read"
            found.findings.append(Finding("bad-address", "error", dotted(at), said))
            continue
        found.kinds[leaf] = takes[0]
        _put(copy, at, leaf)
    return copy, found


async def _leaf(world: World, value: Any, key: str, found: Found) -> Source | None:
    media = await read(world, value, key) if isinstance(value, str) else None
    if isinstance(media, Media):
        leaf = File(media.id)
        found.media[leaf] = media
        return leaf
    return Url(media) if media else None


async def read(world: World, text: str, key: str) -> Media | str | None:
    """The media that a text stands for; an address elsewhere as it is; None for anything else.

    Bytes within the text are measured, and belong to nobody until they are added.
    """
    if text.startswith(("http://", "https://")):
        host, path = text[: len(world.base)], text[len(world.base) :]
        if host != world.base:
            return text
        match = _HOSTED.fullmatch(path.partition("?")[0])
        return _hosted(world, match[1]) if match else None
    if _UUID.fullmatch(text.lower()):
        return _hosted(world, text.lower())
    prefix = _DATA.match(text)
    data = _decoded(text[prefix.end() :] if prefix else text)
    return await own(world, data, key) if data else None


def _hosted(world: World, name: str) -> Media | None:
    media, now = world.media.get(name), world.time.now()
    return media if media and media.expires > now else None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


async def own(world: World, data: bytes, key: str) -> Media | None:
    """Media of these bytes; None if they are no whole picture, clip or sound."""
    try:
        media, facts = await asyncio.to_thread(measured, data)
    except OpError:
        return None
    if media.partition("/")[0] not in ("image", "video", "audio"):
        return None
    return Media(world.uuid(), media, key, world.time.now() + KEPT, facts, data)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _put(tree: Any, at: Sequence[str | int], leaf: Source) -> None:
    *above, last = at
    for step in above:
        tree = tree[step]
    tree[last] = leaf
