"""What only the emulator has: its books, its tasks, and the levers of whoever tests. JSON only."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from kinoform.core.errors import SpecError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from kinoform.emulator.world import Bill, Job, World


def routes(world: World) -> list[Route]:
    """Everything below `/_emulator/`."""
    stage, both = _Stage(world), ["GET", "POST"]
    return [
        Route("/_emulator/ledger", stage.ledger),
        Route("/_emulator/tasks", stage.tasks),
        Route("/_emulator/clock", stage.clock, methods=both),
        Route("/_emulator/modes", stage.modes, methods=both),
        Route("/_emulator/faults", stage.faults, methods=both),
        Route("/_emulator/listener", stage.listener, methods=["POST"]),
    ]


class _Stage:
    def __init__(self, world: World) -> None:
        self._world = world

    async def ledger(self, _request: Request) -> Response:
        return JSONResponse(ledger_of(self._world))

    async def tasks(self, _request: Request) -> Response:
        now = self._world.time.now()
        return JSONResponse({"tasks": [_task(job, now) for job in self._world.tasks.values()]})

    async def clock(self, request: Request) -> Response:
        """Read it, or move it by `seconds`."""
        time = self._world.time
        if request.method == "POST":
            time.jump(float((await _body(request)).get("seconds", 0)))
        return JSONResponse({"now": time.now(), "speed": time.speed})

    async def modes(self, request: Request) -> Response:
        """Read them, or set those that are named."""
        if request.method == "POST":
            given = await _body(request)
            self._world.modes.update({str(name): str(answer) for name, answer in given.items()})
        return JSONResponse(self._world.modes)

    async def faults(self, request: Request) -> Response:
        """Put a plan in force (`?add=1`: behind the one there is), or tell what has fired."""
        if request.method == "POST":
            try:
                more = "add" in request.query_params
                self._world.faults.load(await request.body(), add=more)
            except SpecError as error:
                return JSONResponse({"problems": [str(p) for p in error.problems]}, 400)
        return JSONResponse({"rules": self._world.faults.report()})

    async def listener(self, request: Request) -> Response:
        """Refuse new connections for so many `seconds` of the clock."""
        seconds = float((await _body(request)).get("seconds", 0))
        if self._world.gate:
            await self._world.gate(seconds)
        return JSONResponse({"closed": seconds})


async def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def ledger_of(world: World) -> dict[str, Any]:
    """Every bill, in the order of the tasks, and their sum. Money is text; keys are marks."""
    rows = [_bill(bill) for bill in world.bills.values()]
    total = sum((bill.cost * bill.times for bill in world.bills.values()), Decimal(0))
    return {"bills": rows, "total": str(total), "currency": "USD"}


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "provider": bill.provider,
        "task": bill.task,
        "model": bill.model,
        "account": sha256(bill.key.encode()).hexdigest()[:12],
        "cost": str(bill.cost),
        "times": bill.times,
        "request": bill.request,
        "at": bill.at,
    }


def _task(job: Job, now: float) -> dict[str, Any]:
    return {
        "provider": job.provider,
        "id": job.id,
        "model": job.model,
        "state": job.state or ("processing" if now < job.ready else "done"),
        "created": job.created,
        "ready": job.ready if job.ready < _NEVER else None,
        "results": [result.id for result in job.results if result.error is None],
    }


_NEVER = 1e15  # seconds since the epoch, which no clock of ours reaches
