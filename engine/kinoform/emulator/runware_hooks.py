"""Results that Runware brings by itself: `webhookURL` is told, `uploadEndpoint` gets the bytes.

Only addresses of this machine are called.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from kinoform.emulator import orders, webhooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from kinoform.emulator.world import Job, Result, World

    Item: TypeAlias = Callable[[Job, Result], Awaitable[dict[str, Any]]]

_FIRST, _MOST, _TRIES = 0.25, 8.0, 8


class Hooks:
    """Deliveries under way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._under_way: set[asyncio.Task[None]] = set()

    def watch(self, job: Job, item: Item) -> None:
        """Bring the results of this job when they are there, if it asks for that."""
        if "webhookURL" in job.request or "uploadEndpoint" in job.request:
            task = asyncio.ensure_future(self._deliver(job, item))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _deliver(self, job: Job, item: Item) -> None:
        await self._world.time.until(job.ready)
        for result in job.results:
            if result.error is not None:
                continue
            if "uploadEndpoint" in job.request:
                url, data = job.request["uploadEndpoint"], await orders.data_of(result.media)
                headers = {"Content-Type": result.media.media}
                await webhooks.post(url, data, headers, method="PUT")
            if "webhookURL" in job.request:
                body = json.dumps(await item(job, result)).encode()
                await self._tell(job.request["webhookURL"], body)

    async def _tell(self, url: str, body: bytes) -> None:
        """One call per result, repeated until it is taken; each wait twice as long as the last."""
        wait = _FIRST
        for _ in range(_TRIES):
            if webhooks.loopback(url) is None or await webhooks.post(url, body, {}):
                return
            await self._world.time.sleep(wait)
            wait = min(wait * 2, _MOST)
