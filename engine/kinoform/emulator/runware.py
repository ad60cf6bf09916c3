"""The Runware API over HTTP: `POST /v1` takes an array of tasks. The socket is beside it."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from kinoform.emulator import runware_says as says
from kinoform.emulator.runware_socket import Sessions
from kinoform.emulator.runware_tasks import Caller, Desk, Said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from kinoform.emulator.world import World

_BEARER = "bearer "


def routes(world: World) -> list[BaseRoute]:
    """The one address of the API, for both transports."""
    desk = Desk(world)
    front = _Front(desk)
    sessions = Sessions(desk)
    return [
        Route("/v1", front.post, methods=["POST"]),
        WebSocketRoute("/v1", sessions.serve),
    ]


class _Front:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._world = desk, desk.world
        self._chance = random.Random(self._world.seed)  # noqa: S311  (an order, no secret)

    async def post(self, request: Request) -> Response:
        try:
            tasks = json.loads(await request.body(), parse_constant=_refused)
        except (ValueError, RecursionError):
            return _sent(400, {"errors": [says.error("invalidJson", "the body is no JSON")]})
        if not isinstance(tasks, list) or not tasks:
            said = "the body must be an array of at least one task"
            return _sent(400, {"errors": [says.error("invalidRequest", said)]})
        key, tasks = _key(request, tasks)
        if not self._world.admits(key):
            code = "invalidApiKey" if key else "missingApiKey"
            said = "the API key is missing or not valid"
            return _sent(401, {"errors": [says.error(code, said, None, "apiKey")]})
        dry = request.headers.get("x-runware-dry-run", "0") not in ("", "0", "false")
        return await self._answer(Caller(key, tasks, request, dry))

    async def _answer(self, caller: Caller) -> Response:
        whole = Said()
        held = []
        for task in caller.tasks:
            said = await self._desk.answer(task, caller)
            whole.data += said.data
            whole.errors += said.errors
            if said.held:
                held.append(said.held)
        for job in held:
            said = await self._desk.held(job)
            whole.data += said.data
            whole.errors += said.errors
        if self._world.mode("answer_order") == "any":  # clients are told to go by ids
            self._chance.shuffle(whole.data)
        mixed = int(self._world.mode("mixed_status"))
        status = says.status(whole.data, whole.errors, mixed)
        return _sent(status, says.envelope(whole.data, whole.errors))


def _key(request: Request, tasks: list[Any]) -> tuple[str, list[Any]]:
    """The key, of the header or of a leading task, which is taken off."""
    first = tasks[0]
    if isinstance(first, dict) and first.get("taskType") == "authentication":
        return str(first.get("apiKey") or ""), tasks[1:]
    given = request.headers.get("authorization", "")
    return (given[len(_BEARER) :] if given.lower().startswith(_BEARER) else ""), tasks


def _refused(name: str) -> Any:
    """NaN and infinities, which are no JSON."""
    raise ValueError(name)


def _sent(status: int, body: Mapping[str, Any]) -> Response:
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, media_type="application/json")
