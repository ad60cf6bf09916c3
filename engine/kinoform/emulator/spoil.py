"""Answers whose bytes are not what they should be, written to the connection by hand.

Only raw bytes can lie about their length, so no server library is asked.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from asyncio import Transport
    from collections.abc import Callable, Coroutine
    from typing import TypeAlias

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.world import World

_BLOCK = 64 * 1024
_HIGH = 1 << 20  # bytes that may wait in our own buffer
_NAP = 0.005  # seconds
_FRAMING = (b"content-length", b"transfer-encoding", b"connection")
_HTML = b"<!doctype html><html><body><h1>This file cannot be shown</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer."""

    status: int
    headers: list[tuple[bytes, bytes]]

    def raw(self, length: int | None) -> bytes:
        """The head as sent; `length` None: the end of the connection ends the body."""
        lines = [f"HTTP/1.1 {self.status} {phrase_of(self.status)}".encode()]
        lines += [b"%s: %s" % row for row in self.headers if row[0].lower() not in _FRAMING]
        lines += [b"content-length: %d" % length] if length is not None else []
        return b"\r\n".join([*lines, b"connection: close", b"", b""])


async def send(transport: Transport, head: Head, body: bytes, fault: Fault, world: World) -> None:
    """Write the answer as the fault wants it, and close."""
    await KINDS[fault.kind](_Sink(transport, world), head, body, fault)
    transport.close()


class _Sink:
    """A connection that is not written to faster than it takes."""

    def __init__(self, transport: Transport, world: World) -> None:
        self.transport, self.world = transport, world

    async def write(self, data: bytes) -> bool:
        """False once the other side is gone."""
        self.transport.write(data)
        while self._crowded():  # noqa: ASYNC110  (the transport tells its protocol, not us)
            await asyncio.sleep(_NAP)
        return not self.transport.is_closing()

    def _crowded(self) -> bool:
        waiting = self.transport.get_write_buffer_size()
        return not self.transport.is_closing() and waiting > _HIGH


async def _truncate(sink: _Sink, head: Head, body: bytes, fault: Fault) -> None:
    """`share`: how much arrives. `length`: whether all of it was announced."""
    part = body[: int(len(body) * float(fault.params.get("share", 0.5)))]
    announced = len(body) if fault.params.get("length", True) else None
    await sink.write(head.raw(announced) + part)


async def _endless(sink: _Sink, head: Head, body: bytes, fault: Fault) -> None:
    """Goes on until the other side has had enough."""
    del fault
    alive = await sink.write(head.raw(None) + body)
    while alive:
        alive = await sink.write(bytes(_BLOCK))
        await asyncio.sleep(0)


async def _drip(sink: _Sink, head: Head, body: bytes, fault: Fault) -> None:
    """`rate`: bytes a second of the virtual clock; below one, a byte takes longer."""
    rate = float(fault.params.get("rate", 1))
    step = max(1, int(rate))
    alive, at = await sink.write(head.raw(len(body))), 0
    while alive and at < len(body):
        alive = await sink.write(body[at : at + step])
        at += step
        await sink.world.time.sleep(step / rate)


async def _wrong_bytes(sink: _Sink, head: Head, body: bytes, fault: Fault) -> None:
    """The right length, and the second half turned over."""
    del fault
    cut = len(body) // 2
    await sink.write(head.raw(len(body)) + body[:cut] + bytes(255 - byte for byte in body[cut:]))


async def _wrong_type(sink: _Sink, head: Head, body: bytes, fault: Fault) -> None:
    """A page where a file should be; `media` is the type that it says it has."""
    del body
    media = str(fault.params.get("media", "text/html"))
    rest = [row for row in head.headers if row[0].lower() != b"content-type"]
    headers = [*rest, (b"content-type", media.encode())]
    await sink.write(Head(head.status, headers).raw(len(_HTML)) + _HTML)


if TYPE_CHECKING:
    _Spoiler: TypeAlias = Callable[[_Sink, Head, bytes, Fault], Coroutine[Any, Any, None]]

KINDS: dict[str, _Spoiler] = {
    "truncate": _truncate,
    "endless": _endless,
    "drip": _drip,
    "wrong-bytes": _wrong_bytes,
    "wrong-type": _wrong_type,
}


def phrase_of(status: int) -> str:
    """What HTTP calls a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def as_json(value: Any) -> str:
    """JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
