"""Brings the inputs of a WaveSpeed task there before it is submitted: a ticket, then the bytes.

Every input goes this way, as only addresses are promised to work. Knows nothing of what follows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Cursor, Fail, Insert, Request, Send
from kinoform.providers import pace, trail, wire
from kinoform.providers.replies import address, fine, mapping
from kinoform.providers.wavespeed_answers import API, envelope
from kinoform.providers.wavespeed_errors import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Blob
    from kinoform.ports import Move, Reply

FRESH: Final = 6 * 86_400.0  # seconds; what is brought there is kept for seven days
TRIES: Final = 6  # failures in a row before the step ends
_EXTENSIONS: Final = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif",
    "image/bmp": "bmp", "video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov",
    "audio/mpeg": "mp3", "audio/wav": "wav",
}  # fmt: skip
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE: Final = re.compile(r"[ -~]{0,4000}")
_OURS: Final = (
    "host", "content-length", "content-type", "transfer-encoding", "connection", "cookie", "expect",
)  # fmt: skip


def ticket(data: Mapping[str, Any], path: str, blob: Blob) -> Send:
    """Ask where these bytes may go."""
    asked = {"filename": _filename(blob), "size": blob.size, "content_type": blob.media}
    then = Cursor("ticket", {**data, "up": blob.digest, "media": blob.media, "path": path})
    return Send(Request("POST", f"{API}/media/uploads", wire.body(asked)), then)


def _filename(blob: Blob) -> str:
    """A name that says nothing of the project."""
    name = blob.digest.removeprefix("sha256:")[:16]
    return f"{name}.{_EXTENSIONS.get(blob.media, 'bin')}"


def ticketed(data: dict[str, Any], reply: Reply) -> Move:
    """The bytes on their way, or what else to do."""
    found = envelope(reply)
    way, download = mapping(found.data.get("upload")), address(found.data.get("download_url"))
    url = address(way.get("url"))
    if fine(reply) and url and download:
        headers = _headers(way.get("headers"))
        media = headers.pop("content-type", data["media"])
        body = (Insert(data["up"], data["media"], "raw"),)
        request = Request("PUT", url, body, media, headers)
        return Send(request, Cursor("put", {**data, "address": download}))
    fail = refused(found.status, found.message, data["path"])
    return fail if fail and fail.kind != "rate" else _again(data, reply)


def put(data: dict[str, Any], reply: Reply) -> dict[str, Any] | Move:
    """The data with the address that stands for the bytes from now on, or what else to do."""
    if fine(reply):
        return trail.with_ref(data, data["up"], data["address"], FRESH)
    return _again(data, reply)


def _headers(value: Any) -> dict[str, str]:
    """The ticket's headers that may be sent, names in lower case."""
    pairs = (
        (name.lower(), text) for name, text in mapping(value).items() if _is_header(name, text)
    )
    return {name: text for name, text in pairs if name == "content-type" or name not in _OURS}


def _is_header(name: str, text: Any) -> bool:
    return bool(_HEADER.fullmatch(name)) and isinstance(text, str) and bool(_VALUE.fullmatch(text))


def _again(data: dict[str, Any], reply: Reply) -> Move:
    """Another ticket after a while."""
    rate = reply.status == _RATE
    if int(data.get("tries", 0)) + 1 >= TRIES and not rate:
        said = reply.said or envelope(reply).message or f"HTTP status {reply.status}"
        return Fail("busy", f"upload of {data['path']} fails again and again: {said}")
    rest = {k: v for k, v in data.items() if k not in ("up", "media", "path", "address")}
    return pace.again(rest, "new", reply, "rate" if rate else "")


_RATE: Final = 429
