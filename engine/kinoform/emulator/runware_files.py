"""Uploads to Runware: `imageUpload`, and `mediaStorage` with its two operations."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from kinoform.core.types import Expect, Facts
from kinoform.emulator import inputs, orders
from kinoform.emulator import runware_says as says
from kinoform.emulator.render import plain, shrunk
from kinoform.emulator.world import Media

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from kinoform.emulator.world import World

    Task = dict[str, Any]
    Answer: TypeAlias = tuple[list[Any], list[Any]]

_MOST = 2048  # px: pictures are stored no larger than this
_CLIPS = (".mp4", ".mov", ".webm")


async def _picture(world: World, task: Task, key: str) -> Answer:
    media = await _read(world, task.get("image"), key)
    if media is None or not media.media.startswith("image/"):
        return [], [_bad(task, "image")]
    if max(media.facts.width or 0, media.facts.height or 0) > _MOST:
        small = await asyncio.to_thread(shrunk, await orders.data_of(media), _MOST)
        media = await inputs.own(world, small, key) or media
    world.media[media.id] = media
    item = {"imageUUID": media.id, "imageURL": world.url(media)}
    return [{**_ids(task), **item}], []


async def _storage(world: World, task: Task, key: str) -> Answer:
    operation = task.get("operation")
    if operation == "delete":
        return _delete(world, task, key)
    if operation != "upload":
        said = "operation must be upload or delete"
        return [], [says.error("invalidOperation", said, task, "operation")]
    media = await _read(world, task.get("media"), key)
    if media is None:
        return [], [_bad(task, "media")]
    world.media[media.id] = media
    item = {"operation": "upload", "mediaUUID": media.id, "mediaURL": world.url(media)}
    return [{**_ids(task), **item}], []


def _delete(world: World, task: Task, key: str) -> Answer:
    name = task.get("mediaUUID")
    media = world.media.get(name) if isinstance(name, str) else None
    if media is None or media.owner != key:
        said = "there is no such media"
        return [], [says.error("mediaNotFound", said, task, "mediaUUID")]
    del world.media[media.id]
    return [{**_ids(task), "operation": "delete", "mediaUUID": media.id}], []


def expire(world: World, items: list[Any], status: int) -> None:
    """What was just uploaded is gone already."""
    for item in items:
        media = world.media.get(item.get("mediaUUID") or item.get("imageUUID", ""))
        if media:
            media.expires, media.gone = world.time.now(), status


async def _read(world: World, text: Any, key: str) -> Media | None:
    """The media that were sent; an address elsewhere gives a placeholder, as nothing is fetched."""
    found = await inputs.read(world, text, key) if isinstance(text, str) else None
    if not isinstance(found, str):
        return found
    clip = found.partition("?")[0].lower().endswith(_CLIPS)
    facts = inputs.ELSEWHERE["video"] if clip else Facts(1024, 1024)
    kind = "video/mp4" if clip else "image/jpeg"
    media = Media(world.uuid(), kind, key, world.time.now() + inputs.KEPT, facts, kept=False)
    media.make = partial(asyncio.to_thread, plain, Expect(kind, facts), media.id)
    return media


def _ids(task: Task) -> dict[str, Any]:
    return {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}


def _bad(task: Task, name: str) -> dict[str, Any]:
    code = f"missing{name.capitalize()}" if name not in task else f"invalid{name.capitalize()}"
    said = f"{name} must be an address, a data URI or base64 of a picture, clip or sound"
    return says.error(code, said, task, name)


FILES: dict[str, Callable[[World, Task, str], Awaitable[Answer]]] = {
    "imageUpload": _picture,
    "mediaStorage": _storage,
}
