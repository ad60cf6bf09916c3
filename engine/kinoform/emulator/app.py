"""The emulator as one web app: both APIs, hosted files, and a door for whoever tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.routing import Route

from kinoform.core.errors import OpError
from kinoform.emulator import backstage, orders, runware, wavespeed, wire

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from kinoform.emulator.world import World

_HOSTS = ["127.0.0.1", "localhost"]


def app(world: World) -> ASGIApp:
    """Every route, with the faults of the wire around them.

    `POST /v1` and a websocket there (Runware), `/api/v3/...` (WaveSpeed), `/media/ID`,
    `/_emulator/ledger`, `/_emulator/tasks`, `/_emulator/faults`, `/_emulator/clock`,
    `/_emulator/modes`, `/_emulator/listener`.
    """
    routes = [
        *runware.routes(world),
        *wavespeed.routes(world),
        *backstage.routes(world),
        _hosted(world),
    ]
    # A web page that has had its name resolved to this machine is not let in.
    named = Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)

    async def struck(_request: Request, fault: Exception) -> Any:
        return wire.Blow(world, fault.fault) if isinstance(fault, wire.Struck) else None

    inner = Starlette(routes=routes, middleware=[named], exception_handlers={wire.Struck: struck})
    return wire.Door(inner, world)


def _hosted(world: World) -> Route:
    """Results and uploads, until they expire."""

    async def serve(request: Request) -> Response:
        media = world.media.get(request.path_params["name"].partition(".")[0])
        if media is None:
            return Response(status_code=404)
        detail = {"id": media.id, "task": media.task, "path": request.url.path}
        fault = await wire.strike(world, "download", media.provider, detail, request)
        if fault and fault.kind == "expire":
            media.expires, media.gone = world.time.now(), int(fault.params.get("status", 404))
        if media.expires <= world.time.now():
            return Response(status_code=media.gone)
        try:
            return Response(await orders.data_of(media), media_type=media.media)
        except OpError as error:
            return Response(str(error), status_code=500, media_type="text/plain")

    return Route("/media/{name}", serve, methods=["GET"])
