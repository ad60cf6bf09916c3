"""How faults look on the wire: closed sockets, odd statuses, bodies that are not what they say.

Knows connections and no task. A fault strikes wherever the app asks; what it does to the socket is
carried out here, around the whole app.
"""

from __future__ import annotations

from base64 import b64encode
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import HTTPConnection

from kinoform.emulator import spoil

if TYPE_CHECKING:
    from asyncio import Transport
    from collections.abc import Mapping, MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.world import World

TRANSPORT = "kinoform.transport"  # the connection itself, put into each scope by the server
SHAPE = "kinoform.shape"  # the fault that spoils the body of the answer under way
ENDING = ("drop", "refuse", "html", "status", "echo")
_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>\n"


class Struck(Exception):  # noqa: N818  (no mistake of ours: a fault that was planned)
    """The answer is this fault: raised by `strike`, carried out around the whole app."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.kind)


async def strike(
    world: World,
    point: str,
    provider: str,
    detail: Mapping[str, Any],
    connection: HTTPConnection | None = None,
) -> Fault | None:
    """Ask for a fault at this point, and carry it out if that is a matter of the wire.

    `delay` waits and goes on; `drop`, `refuse`, `html`, `status`, `echo` raise Struck; what spoils a body
    (`truncate`, `endless`, `drip`, `wrong-bytes`, `wrong-type`) is kept for the answer on this
    connection; `clock` moves the clock. Anything else is returned: the caller knows what it means.
    """
    fault = world.faults.at(point, provider, detail)
    if fault is None:
        return None
    if fault.kind in ENDING:
        raise Struck(fault)
    if fault.kind == "delay":
        await world.time.sleep(float(fault.params.get("seconds", 1)))
    elif fault.kind == "clock":
        world.time.jump(float(fault.params.get("seconds", 0)))
    elif fault.kind in spoil.KINDS:
        if connection is not None:
            connection.scope[SHAPE] = fault
    else:
        return fault
    return None


def provider_of(path: str) -> str:
    """Whose path this is; empty for hosted files and our own."""
    return "runware" if path == "/v1" else "wavespeed" if path.startswith("/api/v3/") else ""


class Blow:
    """An answer that is a fault: what the routes of the app give back when they are struck."""

    def __init__(self, world: World, fault: Fault) -> None:
        self._world, self._fault = world, fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry it out."""
        await _carry_out(self._fault, self._world, scope, (receive, send))


class Door:
    """The app with faults around it, and with the date of the virtual clock on every answer."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or websocket."""
        answer = _Answer(self._world, scope, send)
        try:
            await self._knock(scope)
            await self._app(scope, receive, answer)
        except Struck as struck:
            await _carry_out(struck.fault, self._world, scope, (receive, answer))
        finally:
            await answer.finish(receive)

    async def _knock(self, scope: Scope) -> None:
        path = scope["path"]
        if not path.startswith("/_emulator/"):
            detail = {"path": path, "method": scope.get("method", "GET")}
            connection = HTTPConnection(scope)
            await strike(self._world, "connect", provider_of(path), detail, connection)


class _Answer:
    """Passes an answer on; holds it back when its body is to be spoilt."""

    def __init__(self, world: World, scope: Scope, send: Send) -> None:
        self._world, self._scope, self._send = world, scope, send
        self._head: MutableMapping[str, Any] = {}
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            date = (b"date", formatdate(self._world.time.now(), usegmt=True).encode())
            told = [date] if self._world.mode("date_header") == "yes" else []
            message["headers"] = [*message.get("headers", ()), *told]
            if SHAPE in self._scope:
                self._head = message
                return
        if self._head and kind == "http.response.body":
            self._body += message.get("body", b"")
            return
        await self._send(message)

    async def finish(self, receive: Receive) -> None:
        """Send the spoilt answer, if there is one, and close."""
        if self._head:
            head = spoil.Head(int(self._head["status"]), list(self._head["headers"]))
            self._head = {}
            transport = self._scope[TRANSPORT]
            await spoil.send(transport, head, bytes(self._body), self._scope[SHAPE], self._world)
            await _gone(receive)


async def _carry_out(
    fault: Fault, world: World, scope: Scope, channel: tuple[Receive, Send]
) -> None:
    receive, send = channel
    if fault.kind in ("drop", "refuse"):
        close(scope[TRANSPORT], fault)
        await _gone(receive)
        return
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    if scope["type"] == "websocket":
        await receive()
    scope.pop(SHAPE, None)
    status, headers, body = page(fault, world.time.now(), _authorization(scope))
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


def close(transport: Transport, fault: Fault) -> None:
    """Close without another byte; a refusal does not even send what was written before."""
    if fault.kind == "refuse":
        transport.abort()
    else:
        transport.close()


def page(
    fault: Fault, now: float, authorization: str = ""
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of an `html`, `status` or `echo` fault."""
    if fault.kind == "echo":
        return _echo(int(fault.params.get("status", 401)), authorization)
    params, html = fault.params, fault.kind == "html"
    status = int(params.get("status", 502 if html else 503))
    said = _PAGE.format(f"{status} {spoil.phrase_of(status)}") if html else params.get("body", "")
    body = (said if isinstance(said, str) else spoil.as_json(said)).encode()
    media = "text/html" if html else str(params.get("media", "application/json"))
    every = {"content-type": media, "content-length": str(len(body)), **params.get("headers", {})}
    if "retry-after" in params:
        every["retry-after"] = _when(params["retry-after"], now)
    return (
        status,
        [(name.lower().encode(), str(text).encode()) for name, text in every.items()],
        body,
    )


def _authorization(scope: Scope) -> str:
    """What the request proved itself with, to us or, where it takes us for one, to a proxy."""
    headers = dict(scope.get("headers", ()))
    given = headers.get(b"authorization") or headers.get(b"proxy-authorization", b"")
    return bytes(given).decode("latin-1")


def _echo(status: int, authorization: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """An error of both providers' forms that quotes the key, as careless servers do, in every way."""
    key = authorization.rpartition(" ")[2]
    coded = b64encode(key.encode("latin-1")).decode()
    header = b64encode(authorization.encode("latin-1")).decode()
    said = f"refused {authorization}: {key} {quote(key, safe='')} {coded} {header}"
    error = {"code": "invalidApiKey", "message": said, "parameter": key}
    body = spoil.as_json({"code": status, "message": said, "errors": [error]}).encode()
    every = {"content-type": "application/json", "content-length": str(len(body)), "x-key": coded}
    return status, [(name.encode(), text.encode()) for name, text in every.items()], body


def _when(after: Any, now: float) -> str:
    """`Retry-After`: seconds, a date, or whatever was written."""
    if isinstance(after, dict):
        return formatdate(now + float(after["date"]), usegmt=True)
    return f"{after:g}" if isinstance(after, float) else str(after)


async def _gone(receive: Receive) -> None:
    """Wait until the server has noticed that the connection is closed."""
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass
