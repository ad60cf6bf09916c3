"""From a wire request to a task: what it will give, what it costs, and who draws it.

Shared by both providers; knows model files and no wire.
"""

from __future__ import annotations

import asyncio
from dataclasses import field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from kinoform.core.canon import digest_of
from kinoform.core.classes import dataclass
from kinoform.core.manifest import fill
from kinoform.core.types import Blob, File
from kinoform.emulator import inputs
from kinoform.emulator.render import Drawing
from kinoform.emulator.world import Job, Media, Result
from kinoform.spec.brief import to_brief
from kinoform.spec.judge import judge_wire
from kinoform.spec.media import check_media
from kinoform.spec.outputs import expects
from kinoform.spec.price import price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Expect
    from kinoform.emulator.world import World
    from kinoform.spec.catalog import Model
    from kinoform.spec.fields import Finding

_SEEDS = 1 << 31


@dataclass(frozen=True, slots=True)
class Order:
    """A request with its media found. `leafed` is the request with a leaf where each one stands.

    `inputs` leads from leaves to what they stand for; addresses elsewhere are not in it.
    """

    model: Model
    request: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    leafed: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[Any, Media] = field(default_factory=dict)
    expects: tuple[Expect, ...] = ()
    cost: Decimal = Decimal(0)

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What is wrong with it; the rest of the findings are warnings."""
        return tuple(each for each in self.findings if each.severity == "error")


async def read(world: World, model: Model, request: Any, key: str) -> Order:
    """Judge a request exactly as sent, find its media, and price it.

    If anything is wrong with it (`refused`), the rest is left empty. `cost` is USD for one result.
    """
    judged = judge_wire(model, request)
    order = Order(model, request, judged)
    if order.refused:
        return order
    leafed, found = await inputs.find(world, model, request, key)
    judged += check_media(model, leafed, found.facts, found.type, found.size)
    order = Order(model, request, (*judged, *found.findings))
    if order.refused:
        return order
    made = expects(model, leafed, found.taken, found.type)
    total = price(model, leafed, made, found.taken)
    cost = Decimal(0) if total is None else total / len(made)
    return Order(model, request, judged, leafed, found.media, made, cost)


def place(world: World, order: Order, task: str, key: str) -> Job:
    """The job of an order under this id, with its results; not yet in the world, nor billed."""
    now = world.time.now()
    ready = now + world.latency.of(order.expects[0].media)
    model = order.model.id.partition("/")[2]
    job = Job(task, order.model.provider, model, order.request, key, order.cost, now, ready)
    lifetime = order.request.get("ttl") or float(world.mode("url_lifetime"))
    for index, expect in enumerate(order.expects):
        media = Media(world.uuid(), expect.media, key, ready + lifetime, expect.facts)
        media.make = partial(_paint, world, order, index, media.id)
        media.kept, media.provider, media.task = world.painter.render, job.provider, task
        job.results.append(Result(media.id, world.random.randrange(_SEEDS), media, ready))
    return job


async def _paint(world: World, order: Order, index: int, name: str) -> bytes:
    """The bytes of one result, its inputs made first if they were not made yet."""
    if not world.painter.render:
        return await world.painter.paint(Drawing(name, index, "", {}, order.expects[index]))
    files: dict[str, bytes] = {}
    blobs: dict[Any, Blob] = {}
    for leaf, media in order.inputs.items():
        data = await data_of(media)
        digest = digest_of(data)
        files[digest] = data
        blobs[leaf] = Blob(digest, len(data), media.media, media.facts)
    brief = to_brief(order.model, order.leafed)
    brief = fill(brief, lambda leaf: blobs[leaf] if isinstance(leaf, File) else leaf.url)
    drawing = Drawing(name, index, order.model.id, brief, order.expects[index], files)
    return await world.painter.paint(drawing)


async def upload(world: World, data: bytes, key: str) -> Media | None:
    """Keep the bytes of an input; None if they are no whole picture, clip or sound."""
    media = await inputs.own(world, data, key)
    if media:
        world.media[media.id] = media
    return media


async def data_of(media: Media) -> bytes:
    """The bytes of a hosted file, made now if they were not made yet. Raises OpError."""
    if media.data is not None:
        return media.data
    if media.make is None:
        return b""
    if media.making is None:
        media.making = asyncio.ensure_future(media.make())
    try:
        data = await asyncio.shield(media.making)
    finally:
        if media.making and media.making.done():
            media.making = None
    if media.kept:
        media.data = data
    return data
