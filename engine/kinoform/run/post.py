"""Requests on their way to one provider: those of one fold travel together.

Polls of a thousand tasks are twenty requests. Knows no money, and of a task only what it sent.
"""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.ports import Absent, Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.core.tasks import Task
    from kinoform.ports import Clock, Insert, Request, Service, Store

_LINGER = 0.02  # seconds that a request waits for others of its fold
_FEW = 4096  # bytes of a request that stand in its intent
_PROMPT = 2.0  # seconds within which an answer tells the time well
_LANES = 4  # folded requests under way at once; while they are, the next fold fills

Letter = tuple["Request", "asyncio.Future[Reply]"]


class Post:
    """Carries requests for one service."""

    def __init__(self, service: Service, store: Store, clock: Clock) -> None:
        self._service, self._store, self._clock = service, store, clock
        self._bags: dict[str, list[Letter]] = defaultdict(list)
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._lanes: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_LANES))
        self._under_way: set[asyncio.Task[None]] = set()
        self.offset: float | None = None  # the provider's clock minus ours, as a prompt answer told
        self._took = 0.0  # seconds that this answer took

    async def send(self, request: Request) -> Reply:
        """The answer to one request, whatever it travelled with."""
        if not request.fold:
            return self._timed(await self._service.carrier.send(request, self.insert))
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._bags[request.fold].append((request, answer))
        if request.fold not in self._rounds:
            self._rounds[request.fold] = asyncio.create_task(self._round(request.fold))
        return await answer

    def _timed(self, reply: Reply) -> Reply:
        """Note what the provider's clock shows, as its answer tells: a late one only at first."""
        from email.utils import parsedate_to_datetime  # noqa: PLC0415  (local work hears no answer)

        if self.offset is None or reply.took <= max(_PROMPT, self._took):
            with suppress(ValueError, TypeError):
                date = parsedate_to_datetime(reply.headers.get("date", ""))
                self.offset, self._took = round(date.timestamp() - reply.at, 3), reply.took
        return reply

    def insert(self, part: Insert) -> bytes:
        """The bytes that a part stands for, verified. Raises Absent."""
        return self._store.read(part.digest)

    async def kept(self, request: Request) -> dict[str, str]:
        """The bytes of a submit, written down where they can be sent again from.

        In the intent itself where they are few: a file of its own costs two syncs.
        """
        parts = (p if isinstance(p, bytes) else self.encoded(p) for p in request.body)
        body = b"".join(parts)
        if len(body) <= _FEW:
            return {"body": body.decode()}
        return {"request": await asyncio.to_thread(self._store.add_bytes, body, durable=True)}

    def recorded(self, request: Request, task: Task) -> Request:
        """The request with the bytes that the intent names, so that a second one is the same."""
        if "body" in task.data:
            return replace(request, body=(str(task.data["body"]).encode(),))
        return replace(request, body=(self._store.read(str(task.data["request"])),))

    def encoded(self, part: Insert) -> bytes:
        """What stands in the request for a part. Raises Absent."""
        data = self.insert(part)
        if part.form == "raw":
            return data
        head = f"data:{part.media};base64," if part.form == "data-uri" else ""
        return head.encode() + base64.b64encode(data)

    async def _round(self, fold: str) -> None:
        """Empty one bag: a request for each handful, as lanes become free."""
        most = self._service.provider.fold_most
        try:
            await self._clock.sleep(_LINGER)
            while self._bags[fold]:
                await self._lanes[fold].acquire()
                batch, self._bags[fold] = self._bags[fold][:most], self._bags[fold][most:]
                carry = asyncio.create_task(self._carry(batch))
                self._under_way.add(carry)
                carry.add_done_callback(lambda done: self._landed(fold, done))
        finally:
            del self._rounds[fold]

    def _landed(self, fold: str, carry: asyncio.Task[None]) -> None:
        self._lanes[fold].release()
        self._under_way.discard(carry)

    async def _carry(self, batch: Sequence[Letter]) -> None:
        waiting = [(request, answer) for request, answer in batch if not answer.done()]
        if not waiting:
            return
        try:
            replies = await self._answers([request for request, _ in waiting])
            if len(replies) != len(waiting):
                replies = [Reply(fault="lost", said="the answer could not be parted")] * len(
                    waiting
                )
        except BaseException as error:
            for _, answer in waiting:
                if not answer.done():
                    answer.set_exception(error)
            if not isinstance(error, Absent):
                raise
            return
        for (_, answer), reply in zip(waiting, replies, strict=True):
            if not answer.done():
                answer.set_result(reply)

    async def _answers(self, requests: Sequence[Request]) -> Sequence[Reply]:
        provider, carrier = self._service.provider, self._service.carrier
        folded = provider.fold(requests)
        reply = self._timed(await carrier.send(folded, self.insert))
        if reply.fault:
            return [reply] * len(requests)
        return provider.split(requests, reply)
