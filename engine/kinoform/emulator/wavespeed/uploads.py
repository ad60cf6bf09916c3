"""WaveSpeed's uploads: a ticket and then the bytes, or, as it used to be, one form with the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from kinoform.emulator import inputs
from kinoform.emulator.wavespeed import forms
from kinoform.emulator.wavespeed.desk import Refused, answer, body_of
from kinoform.emulator.wire import strike
from kinoform.emulator.world import Media

if TYPE_CHECKING:
    from starlette.requests import Request

    from kinoform.emulator.wavespeed.desk import Desk

_MOST = 300 << 20  # bytes of one file
_TYPES = {"image": "image", "video": "video", "audio": "audio"}
_PLAIN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The promise of a file: where it will be, how large it is, and whose."""

    media: Media
    size: int


def routes(desk: Desk, api: str) -> list[Route]:
    """`POST /media/uploads`, the place to put the bytes, and `POST /media/upload/binary`."""
    world = desk.world
    tickets: dict[str, Ticket] = {}

    async def ticket(request: Request, key: str) -> Response:
        body = await body_of(request)
        size, name = forms.whole(body, "size", -1), body.get("filename")
        if not 0 < size <= _MOST or not isinstance(name, str) or not name:
            raise Refused(400, f"filename is text, and size from 1 to {_MOST} bytes.")
        media = str(body.get("content_type") or _PLAIN)
        found = Media(world.uuid(), media, key, world.time.now() + forms.KEPT)
        tickets[found.id] = Ticket(found, size)
        return answer(
            _ticket(world.url(found), f"{world.base}{api}/media/uploads/{found.id}", media)
        )

    async def put(request: Request) -> Response:
        """Whoever has the address may write: as with any signed address, no key is asked."""
        found = tickets.get(request.path_params["ticket"])
        if found is None:
            return Response(status_code=403)
        data = await request.body()
        if len(data) != found.size:
            return Response(status_code=400)
        fault = await strike(world, "upload", forms.NAME, {}, request)
        media = await _kept(desk, data, found.media)
        if fault and fault.kind == "expire":
            media.expires, media.gone = world.time.now(), int(fault.params["status"])
        return Response(status_code=200)

    async def binary(request: Request, key: str) -> Response:
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Refused(400, "The form has no field file.")
            data, name = await file.read(), file.filename or "file"
            media = file.content_type or _PLAIN
        await desk.strike("upload", request)
        found = Media(world.uuid(), media, key, world.time.now() + forms.KEPT)
        kept = await _kept(desk, data, found)
        kind = _TYPES.get(kept.media.partition("/")[0], "file")
        place = {"download_url": world.url(kept), "filename": name, "size": len(data)}
        return answer({"type": kind, **place})

    return [
        Route(f"{api}/media/uploads", desk.call(ticket), methods=["POST"]),
        Route(f"{api}/media/uploads/{{ticket}}", put, methods=["PUT"]),
        Route(f"{api}/media/upload/binary", desk.call(binary), methods=["POST"]),
    ]


def _ticket(download: str, place: str, media: str) -> dict[str, Any]:
    headers = {"Content-Type": media}
    return {
        "download_url": download,
        "upload": {"method": "PUT", "url": place, "headers": headers},
    }


async def _kept(desk: Desk, data: bytes, promised: Media) -> Media:
    """The file where it was promised to be; what is no media is kept as it came."""
    seen = await inputs.own(desk.world, data, promised.owner)
    if seen:
        promised.media, promised.facts = seen.media, seen.facts
    promised.data, promised.provider = data, forms.NAME
    desk.world.media[promised.id] = promised
    return promised
