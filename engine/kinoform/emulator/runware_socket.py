"""The Runware API over a websocket: sign in, send frames of tasks, get frames of answers.

What could not be delivered is kept for a while and told to whoever resumes the session.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocketDisconnect, WebSocketState

from kinoform.core.classes import dataclass
from kinoform.emulator import runware_says as says
from kinoform.emulator import wire
from kinoform.emulator.runware_tasks import Caller, Desk, Said

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

IDLE = 120.0  # seconds without a frame, after which a socket is closed
KEPT = 120.0  # seconds for which an undelivered answer is kept
_CLOSED = (WebSocketDisconnect, RuntimeError, OSError)


@dataclass(slots=True)
class Session:
    """One signed-in client. `waiting` holds what could not be delivered, with its time."""

    id: str
    key: str
    socket: WebSocket | None = None
    waiting: list[tuple[float, str]] = field(default_factory=list)
    heard: float = 0.0


class Sessions:
    """Every session of this server."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._world = desk, desk.world
        self._known: dict[str, Session] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its first frame to its end."""
        await socket.accept()
        idle = Session("", "", socket, heard=self._world.time.now())
        watch = asyncio.ensure_future(self._watch(socket, idle))
        session = None
        try:
            while True:
                tasks = _tasks(await socket.receive_text())
                idle.heard = self._world.time.now()
                if session is None:
                    session = await self._sign_in(socket, tasks)
                elif tasks is None:
                    said = says.error("invalidJson", "a frame is a JSON array of tasks")
                    await self._send(session, {"errors": [said]})
                else:
                    self._take(session, tasks)
        except _CLOSED:
            pass
        finally:
            watch.cancel()
            if session and session.socket is socket:
                session.socket = None

    async def _watch(self, socket: WebSocket, idle: Session) -> None:
        """Close the socket when nothing was heard for too long."""
        while (until := idle.heard + IDLE) > self._world.time.now():
            await self._world.time.until(until)
        with suppress(*_CLOSED):
            await socket.close(1000)

    async def _sign_in(self, socket: WebSocket, tasks: list[Any] | None) -> Session | None:
        """The session of a first frame; None (and said why) when it is no valid sign-in."""
        first = tasks[0] if tasks and isinstance(tasks[0], dict) else {}
        key = first.get("apiKey")
        known = first.get("taskType") == "authentication"
        if not known or not isinstance(key, str) or not self._world.admits(key):
            code = "invalidApiKey" if known and key else "missingApiKey"
            said = says.error(code, "the API key is missing or not valid", first, "apiKey")
            await socket.send_text(json.dumps({"errors": [said]}))
            return None
        asked = str(first.get("connectionSessionUUID") or "")
        session = self._known.get(asked)
        if session is None or session.key != key:
            session = Session(self._world.uuid(), key)
            self._known[session.id] = session
        item = {"taskType": "authentication", "connectionSessionUUID": session.id}
        await socket.send_text(json.dumps({"data": [item]}))
        session.socket = socket
        await self._replay(session)
        if tasks and len(tasks) > 1:
            self._take(session, tasks[1:])
        return session

    async def _replay(self, session: Session) -> None:
        fresh, now = session.waiting, self._world.time.now()
        session.waiting = []
        for at, text in fresh:
            if now <= at + KEPT:
                await self._deliver(session, text)

    def _take(self, session: Session, tasks: list[Any]) -> None:
        """Answer a frame without keeping the next one waiting."""
        task = asyncio.ensure_future(self._frame(session, tasks))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _frame(self, session: Session, tasks: list[Any]) -> None:
        caller = Caller(session.key, tasks, session.socket)
        try:
            for task in tasks:
                said = await self._desk.answer(task, caller)
                await self._tell(session, said)
                if said.held:
                    self._later(session, said)
        except wire.Struck as struck:
            await self._struck(session, struck)

    def _later(self, session: Session, said: Said) -> None:
        async def tell() -> None:
            if said.held:
                whole = await self._desk.held(said.held)
                for item in whole.data:  # each result by itself, as they may come on the wire
                    await self._tell(session, Said([item]))
                await self._tell(session, Said(errors=whole.errors))

        task = asyncio.ensure_future(tell())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tell(self, session: Session, said: Said) -> None:
        if said.errors:
            body = says.envelope(said.data, said.errors)
            await self._send(session, body if said.data else {"errors": said.errors})
        elif not said.held:
            await self._send(session, {"data": said.data})

    async def _send(self, session: Session, body: Any) -> None:
        await self._deliver(session, json.dumps(body))

    async def _deliver(self, session: Session, text: str) -> None:
        """Send it, or keep it for the next connection of this session."""
        socket = session.socket
        if socket is not None and socket.client_state is WebSocketState.CONNECTED:
            try:
                await socket.send_text(_cut(socket, text))
            except _CLOSED:
                session.socket = None
            else:
                return
        session.waiting.append((self._world.time.now(), text))

    async def _struck(self, session: Session, struck: wire.Struck) -> None:
        """A planned fault on a socket: closed, or told in a frame."""
        fault, socket = struck.fault, session.socket
        if socket is None:
            return
        if fault.kind in ("drop", "refuse"):
            session.socket = None
            wire.close(socket.scope[wire.TRANSPORT], fault)
            return
        _status, _headers, body = wire.page(fault, self._world.time.now())
        await self._deliver(session, body.decode())


def _cut(socket: WebSocket, text: str) -> str:
    """The frame, or as much as a planned fault lets through; nothing else spoils frames."""
    fault = socket.scope.pop(wire.SHAPE, None)
    if fault is None or fault.kind != "truncate":
        return text
    return text[: int(len(text) * float(fault.params.get("share", 0.5)))]


def _tasks(text: str) -> list[Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and found else None
