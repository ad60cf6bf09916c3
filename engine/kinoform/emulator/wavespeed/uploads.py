"""WaveSpeed's uploads: a ticket and then the bytes, or, as it used to be, one form with the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from kinoform.core.classes import dataclass
from kinoform.emulator import inputs
from kinoform.emulator.wavespeed import forms
from kinoform.emulator.wavespeed.desk import Refused, answer, body_of
from kinoform.emulator.wire import strike
from kinoform.emulator.world import Media

if TYPE_CHECKING:
    from starlette.requests import Request

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.wavespeed.desk import Desk

_MOST = 300 << 20  # bytes of one file
_TYPES = ("image", "video", "audio")
_PLAIN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The promise of a file: where it will be, how large it is, and whose."""

    media: Media
    size: int


def routes(desk: Desk, api: str) -> list[Route]:
    """`POST /media/uploads`, the place to put the bytes, and `POST /media/upload/binary`."""
    shelf = _Shelf(desk, f"{desk.world.base}{api}/media/uploads")
    return [
        Route(f"{api}/media/uploads", desk.call(shelf.ticket), methods=["POST"]),
        Route(f"{api}/media/uploads/{{ticket}}", shelf.put, methods=["PUT"]),
        Route(f"{api}/media/upload/binary", desk.call(shelf.binary), methods=["POST"]),
    ]


class _Shelf:
    """The calls, and the tickets that were given out."""

    def __init__(self, desk: Desk, place: str) -> None:
        self._desk, self._world, self._place = desk, desk.world, place
        self._tickets: dict[str, Ticket] = {}

    async def ticket(self, request: Request, key: str) -> Response:
        body = await body_of(request)
        size, name = forms.whole(body, "size", -1), body.get("filename")
        if not 0 < size <= _MOST or not isinstance(name, str) or not name:
            raise Refused(400, f"filename is text, and size from 1 to {_MOST} bytes.")
        found = self._promised(str(body.get("content_type") or _PLAIN), key)
        self._tickets[found.id] = Ticket(found, size)
        headers = {"Content-Type": found.media}
        upload = {"method": "PUT", "url": f"{self._place}/{found.id}", "headers": headers}
        return answer({"download_url": self._world.url(found), "upload": upload})

    async def put(self, request: Request) -> Response:
        """Whoever has the address may write: as with any signed address, no key is asked."""
        found = self._tickets.get(request.path_params["ticket"])
        if found is None:
            return Response(status_code=403)
        data = await request.body()
        if len(data) != found.size:
            return Response(status_code=400)
        fault = await strike(self._world, "upload", forms.NAME, {}, request)
        await self._keep(data, found.media, fault)
        return Response(status_code=200)

    async def binary(self, request: Request, key: str) -> Response:
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Refused(400, "The form has no field file.")
            data, name = await file.read(), file.filename or "file"
            media = self._promised(file.content_type or _PLAIN, key)
        fault = await self._desk.strike("upload", request)
        await self._keep(data, media, fault)
        kind = media.media.partition("/")[0]
        place = {"download_url": self._world.url(media), "filename": name, "size": len(data)}
        return answer({"type": kind if kind in _TYPES else "file", **place})

    def _promised(self, media: str, key: str) -> Media:
        """A file that is not there yet."""
        world = self._world
        return Media(world.uuid(), media, key, world.time.now() + forms.KEPT, provider=forms.NAME)

    async def _keep(self, data: bytes, media: Media, fault: Fault | None) -> None:
        """The file where it was promised to be; what is no media is kept as it came."""
        seen = await inputs.own(self._world, data, media.owner)
        if seen:
            media.media, media.facts = seen.media, seen.facts
        media.data = data
        self._world.media[media.id] = media
        if fault and fault.kind == "expire":
            media.expires, media.gone = self._world.time.now(), int(fault.params["status"])
