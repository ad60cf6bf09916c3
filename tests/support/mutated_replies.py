"""Replies of both providers, broken in every way that a seed can draw, for providers and driver.

What was right becomes almost right: keys gone, types swapped, ids of others, cut bytes, odd statuses.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from cloud import Cloud
from mortals import Disk, MortalCarrier
from provider_moves import LARGE, NOW, OTHER, TASK, WID, at, picture, wave
from virtual_time import VirtualClock, virtually
from workshop import Process, Terms, action, populate

from kinoform.core.errors import KinoformError
from kinoform.core.remedies import REMEDIES
from kinoform.core.tasks import fold_tasks
from kinoform.ports import Cursor, Done, Fail, Reply
from kinoform.providers.runware import Runware
from kinoform.providers.wavespeed import WaveSpeed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from virtual_time import VirtualLoop

    from kinoform.core.types import Action
    from kinoform.ports import Fetched, Insert, Move, Provider, Request

_ITEM: Final = {
    "taskType": "imageInference", "taskUUID": TASK, "status": "success", "imageUUID": OTHER,
    "imageURL": "https://files.example/1.png", "seed": 7, "cost": 0.028,
}  # fmt: skip
_ERROR: Final = {
    "code": "contentPolicyViolation", "message": "no", "parameter": "positivePrompt",
    "taskType": "imageInference", "taskUUID": TASK,
}  # fmt: skip
_STATE: Final = {
    "id": WID, "model": "kwaivgi/kling-image-o3", "status": "completed", "error": "", "code": 1200,
    "outputs": ["https://files.example/1.png"], "created_at": "2026-11-18T09:06:40Z",
}  # fmt: skip
_TICKET: Final = {
    "download_url": "https://files.example/in.png",
    "upload": {"method": "PUT", "url": "https://up.example/1?s=1", "headers": {"x-a": "b"}},
}


def _good(data: Any) -> dict[str, Any]:
    return {"code": 200, "message": "success", "data": data}


SAMPLES: Final[Mapping[str, tuple[Any, ...]]] = {
    "runware": (
        {"data": [{"taskType": "imageInference", "taskUUID": TASK}]},
        {"data": [_ITEM, {**_ITEM, "status": "processing"}]},
        {"data": [], "errors": [_ERROR]},
        {"errors": [{**_ERROR, "code": "conflictTaskUUID", "parameter": "taskUUID"}]},
        {"data": [{"taskType": "mediaStorage", "taskUUID": TASK, "mediaUUID": OTHER}]},
        {"data": [{"taskUUID": TASK, "request": [{**_ITEM, "positivePrompt": "a cat"}],
                   "response": {"data": [_ITEM], "errors": [_ERROR]}}]},
        {"data": []},
    ),
    "wavespeed": (
        _good({**_STATE, "status": "created", "outputs": []}),
        _good(_STATE),
        _good({**_STATE, "status": "failed", "error": "it failed"}),
        _good({"page": 1, "total": 2, "items": [_STATE, {**_STATE, "id": "f" * 32}]}),
        _good(_TICKET),
        {"code": 401, "message": "no key"},
    ),
}  # fmt: skip
STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "runware": ("new", "uploading", "resend", "submitted", "look", "looked", "glance", "glanced",
                "running", "polled"),
    "wavespeed": ("new", "ticket", "put", "submitted", "resend", "history", "listed", "running",
                  "polled"),
}  # fmt: skip
_MAKERS: Final[Mapping[str, tuple[Provider, Callable[[], Action]]]] = {
    "runware": (Runware(), lambda: picture(2)),
    "wavespeed": (WaveSpeed(), wave),
}
_WORDS: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1e308, 10**40, "", "\x00\x1b[2J", "\ud800", "success", "error",
    "processing", "completed", "failed", TASK, OTHER, WID, "conflictTaskUUID", "javascript:1", [],
    {}, [[]], [None], {"code": {}}, "A" * 100_000, "https://127.0.0.1/x", "2026-99-99T00:00:00Z",
)  # fmt: skip
_STATUSES: Final = (
    0,
    100,
    200,
    204,
    301,
    400,
    401,
    402,
    404,
    409,
    413,
    418,
    429,
    500,
    502,
    599,
    999,
)
_HEADERS: Final[tuple[Mapping[str, str], ...]] = (
    {}, {"retry-after": "7"}, {"retry-after": "-1e999"}, {"retry-after": "Thu, 99 Zed"},
    {"date": "Thu, 01 Jan 1970 00:00:00 GMT"}, {"date": "\x00"}, {"content-type": "text/html"},
)  # fmt: skip


class Mutator:
    """Breaks replies; the same seed breaks them in the same way."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0

    def reply(self, reply: Reply) -> Reply:
        """One or a few things are wrong with it."""
        self.count += 1
        for _ in range(self.chance.randint(1, 3)):
            reply = self.chance.choice((self._tree, self._tree, self._bytes, self._frame))(reply)
        return reply

    def _tree(self, reply: Reply) -> Reply:
        try:
            value = json.loads(reply.body)
        except (ValueError, RecursionError):
            return self._bytes(reply)
        return replace(reply, body=json.dumps(self._broken(value)).encode())

    def _broken(self, value: Any) -> Any:
        """The tree with something else in one place."""
        if not isinstance(value, dict | list) or not value or self.chance.random() < 0.15:
            return self.chance.choice(_WORDS)
        if isinstance(value, list):
            at = self.chance.randrange(len(value))
            return [self._broken(each) if n == at else each for n, each in enumerate(value)]
        name = self.chance.choice(list(value))
        rest = {key: each for key, each in value.items() if key != name}
        if self.chance.random() < 0.2:
            return rest
        if self.chance.random() < 0.1:
            return {**rest, "errors": [{"code": self.chance.choice(_WORDS)}], "data": value}
        return {**rest, name: self._broken(value[name])}

    def _bytes(self, reply: Reply) -> Reply:
        body = bytearray(reply.body)
        at = self.chance.randrange(len(body) + 1)
        ways: tuple[Callable[[], bytes], ...] = (
            lambda: bytes(body[:at]),
            lambda: bytes(body[at:]),
            lambda: bytes(body) * 2,
            lambda: bytes(body[:at]) + self.chance.randbytes(4) + bytes(body[at + 4 :]),
            lambda: b"<html><body>502</body></html>",
            lambda: b"[" * 5000,
            lambda: b"",
        )
        return replace(reply, body=self.chance.choice(ways)())

    def _frame(self, reply: Reply) -> Reply:
        status, headers = self.chance.choice(_STATUSES), self.chance.choice(_HEADERS)
        lost = Reply(fault="lost", said="cut", at=reply.at)
        return (
            lost if self.chance.random() < 0.2 else replace(reply, status=status, headers=headers)
        )


def advanced(count: int, seed: int = 0) -> Counter[str]:
    """So many broken replies at every stage of both roads; kinds of moves that they led to."""
    mutator, seen = Mutator(seed), Counter[str]()
    places = [(name, stage) for name, stages in STAGES.items() for stage in stages]
    for number in range(count):
        name, stage = places[number % len(places)]
        provider, make = _MAKERS[name]
        sample = json.dumps(mutator.chance.choice(SAMPLES[name])).encode()
        reply = mutator.reply(Reply(200, sample, at=NOW))
        move = provider.advance(make(), at(stage, **_left(mutator)), reply)
        _check(move)
        seen[f"{name} {type(move).__name__}"] += 1
    return seen


def _left(mutator: Mutator) -> dict[str, Any]:
    """What the driver and earlier moves may have left behind."""
    chance = mutator.chance
    left: dict[str, Any] = {
        "up": LARGE.digest, "media": "image/jpeg", "path": "image", "address": "https://x.example/1",
        "sent": NOW, "known": [OTHER], "task": chance.choice((TASK, WID)),
    }  # fmt: skip
    more: dict[str, Any] = {
        "age": chance.uniform(0, 1e6), "waited": chance.uniform(0, 1e4), "resent": True,
        "doubt": True, "turned": True, "alone": True, "why": chance.choice(("old", "conflict", "refused")),
        "refusal": ["quota", "no", "", "x"], "lost": NOW + 9, "tries": chance.randint(0, 12),
        "pending": [["wavespeed/x/y", NOW]], "offset": 3.0, "count": 1,
    }  # fmt: skip
    return left | {name: value for name, value in more.items() if chance.random() < 0.3}


def _check(move: Move) -> None:
    """It can be written down, and everything in it is of the kind that it must be."""
    if isinstance(move, Done):
        assert all(output.url or output.data for output in move.outputs)
        return
    if isinstance(move, Fail):
        assert move.kind in REMEDIES
        assert all(text.isprintable() for text in (move.message, move.field, move.code))
        return
    cursor: Cursor = move.then
    text = json.dumps(dict(cursor.data), allow_nan=False)
    assert json.loads(text) == dict(cursor.data)
    assert len(text.encode()) < 20_000


@dataclass(frozen=True, slots=True)
class Broken:
    """A carrier whose replies are broken now and then."""

    inner: MortalCarrier
    mutator: Mutator
    share: float

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        reply = await self.inner.send(request, insert)
        if self.mutator.chance.random() >= self.share:
            return reply
        return self.mutator.reply(reply)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        return await self.inner.fetch(url, path, most, held)

    async def close(self) -> None:
        pass


def driven(count: int, seed: int = 0) -> Counter[str]:
    """Whole purchases until so many replies were broken; the states in which their tasks ended."""
    mutator, ends = Mutator(seed), Counter[str]()
    while mutator.count < count:

        async def play(loop: VirtualLoop) -> Counter[str]:
            populate(loop)
            with TemporaryDirectory() as folder:
                return await _bought(loop, Path(folder), mutator)

        ends += virtually(play)
    return ends


async def _bought(loop: VirtualLoop, folder: Path, mutator: Mutator) -> Counter[str]:
    clock = VirtualClock(loop)
    disk, cloud, terms = Disk(folder), Cloud(clock), Terms(at_once=8, longest=600.0)
    process = Process(disk, cloud, terms, wrapped=lambda inner: Broken(inner, mutator, 0.3))
    wanted = [(name, f"{name} {n}", 1 + n % 2) for name in STAGES for n in range(6)]
    buys = [process.buy(action(*what)) for what in wanted]
    clock.grain = 1.0
    for each in await asyncio.gather(*buys, return_exceptions=True):
        if isinstance(each, BaseException) and not isinstance(each, KinoformError):
            raise each
        assert "fault of kinoform" not in str(each)
    tasks = fold_tasks(disk.written)  # raises for what the table does not allow
    return Counter(task.state for task in tasks.values())
