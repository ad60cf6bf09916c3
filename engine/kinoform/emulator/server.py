"""Serves a world on loopback: uvicorn on a socket of ours, in this thread or in one of its own."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kinoform.emulator.app import app
from kinoform.emulator.wire import TRANSPORT

if TYPE_CHECKING:
    from asyncio.transports import BaseTransport
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from kinoform.emulator.world import World

HOST = "127.0.0.1"
_BACKLOG = 2048


class Server:
    """One world on one port. `base` is its address, which is known before it runs."""

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self._socket = _listening(port)
        self.port = int(self._socket.getsockname()[1])
        self.base = world.base = f"http://{HOST}:{self.port}"
        self._config = uvicorn.Config(
            app(world),
            http=_protocol(world),
            ws=_WebSocket,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
            ws_ping_interval=None,
            ws_max_size=256 << 20,
        )
        self._server = uvicorn.Server(self._config)
        self._reopening: asyncio.Task[None] | None = None
        world.gate = self._shut

    async def serve(self) -> None:
        """Answer until `stop`, or a signal where this is the main thread."""
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self.world.painter.close()

    def stop(self) -> None:
        """End soon; any thread may say so."""
        self._server.should_exit = True

    @property
    def ending(self) -> bool:
        """Whether somebody has asked for the end."""
        return bool(self._server.should_exit)

    async def _shut(self, seconds: float) -> None:
        """Refuse connections for so many seconds of the clock from now on; 0 ends that. Open ones go on."""
        if self._reopening:
            self._reopening.cancel()
        for each in self._server.servers:
            each.close()
        self._server.servers.clear()
        self._reopening = asyncio.ensure_future(self._open(seconds))
        if not seconds:
            await self._reopening

    async def _open(self, seconds: float) -> None:
        await self.world.time.sleep(seconds)
        config, server = self._config, self._server
        if server.should_exit:
            return
        again = await asyncio.get_running_loop().create_server(
            lambda: config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn's own call
                config=config, server_state=server.server_state, app_state={}
            ),
            sock=_listening(self.port),
            backlog=_BACKLOG,
        )
        server.servers.append(again)


def serve(world: World, port: int = 0, ready: Callable[[str], Any] = print) -> None:
    """Listen on 127.0.0.1 until interrupted. `ready` gets the base address once it answers.

    Raises OSError when the port is taken.
    """
    server = Server(world, port)
    ready(server.base)
    asyncio.run(server.serve())


def _listening(port: int) -> socket.socket:
    # The protocol is named, or asyncio would not switch Nagle's delay off: 40 ms an answer.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    return found


def _with(app: ASGIApp, transport: BaseTransport) -> ASGIApp:
    """The app, told which connection it speaks on: faults close it under the server's hands."""

    async def carried(scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT] = transport
        with suppress(ClientDisconnect):  # a client that died in the middle of its request
            await app(scope, receive, send)

    return carried


class _WebSocket(WebSocketsSansIOProtocol):
    """A websocket whose app knows the connection."""

    def connection_made(self, transport: BaseTransport) -> None:
        """The HTTP side hands it over."""
        super().connection_made(transport)
        self.app = _with(self.app, transport)


def _protocol(world: World) -> type[H11Protocol]:
    """HTTP whose app knows the connection, and which may be cut before a byte is read."""

    class Http(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            self.app = _with(self.app, transport)
            fault = world.faults.at("accept", "", {})
            if fault is None:
                return
            if fault.kind == "clock":
                world.time.jump(float(fault.params.get("seconds", 0)))
            elif fault.kind == "delay":
                transport.pause_reading()
                wait = float(fault.params.get("seconds", 1)) / world.time.speed
                self.loop.call_later(wait, transport.resume_reading)
            else:
                transport.abort()

    return Http
