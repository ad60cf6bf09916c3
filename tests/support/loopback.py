"""A raw HTTP server on 127.0.0.1 whose every byte a test decides, and short ways to answer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from kinoform.net.addresses import Place
    from kinoform.net.link import Wire


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    raw: bytes


# Writes whatever it likes; true keeps the connection open for another request.
Handler: TypeAlias = "Callable[[Asked, asyncio.StreamWriter], Awaitable[bool]]"


@dataclass
class Server:
    """What came in, and where it listens."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def raw(self) -> bytes:
        return b"".join(item.raw for item in self.asked)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Server]:
    """Serve until the block ends; then every connection is cut."""
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            while await handler(await _read(reader, server), writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(connection(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accepted, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, server: Server) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    asked = Asked(method, target, headers, body, head + body)
    server.asked.append(asked)
    return asked


def answer(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """A whole HTTP answer; header names with `_` for `-`, and a Content-Length unless given."""
    fields = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    fields = {"content-length": str(len(body))} | fields
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def says(raw: bytes, *, keep: bool = False) -> Handler:
    """Answers every request with these bytes, then closes, or keeps the connection."""

    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> bool:
        writer.write(raw)
        return keep

    return handler


def by_path(table: dict[str, bytes], *, keep: bool = True) -> Handler:
    """Answers by target; 404 for the rest."""

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> bool:
        writer.write(table.get(asked.target, answer(b"none", 404)))
        return keep

    return handler


def drips(head: bytes, piece: bytes, pause: float) -> Handler:
    """Sends the head, then a piece at every pause, without end."""

    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> bool:
        writer.write(head)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return False

    return handler


@dataclass
class FakeWorld:
    """Names and connections that lead to one loopback port, written down as they are asked for.

    `names` maps a host to its addresses; an unknown host fails as the system's resolver does.
    """

    names: dict[str, Sequence[str]] = field(default_factory=dict)
    port: int = 0
    looked_up: list[str] = field(default_factory=list)
    dialled: list[tuple[str, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        if host not in self.names:
            raise OSError("name not known")
        return self.names[host]

    async def dial(self, place: Place, address: str) -> Wire:
        self.dialled.append((place.site, address))
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
