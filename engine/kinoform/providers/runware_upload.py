"""Brings the inputs of a Runware task there before it is submitted: one free request for each.

Small pictures travel inside the submit instead. Knows nothing of what follows.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from kinoform.ports import Cursor, Fail, Insert, Request, Send
from kinoform.providers import pace, trail, wire
from kinoform.providers.replies import mapping, name_of
from kinoform.providers.runware_answers import Answer, answer, is_definite
from kinoform.providers.runware_errors import (
    SUBMIT,
    Refusal,
    by_status,
    is_conflict,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Action, Blob
    from kinoform.ports import Move, Reply

INLINE: Final = 128 * 2**10  # bytes: a picture up to this size travels as a data URI
FRESH: Final = 86_400.0  # seconds; thirty days are promised and not proved
TRIES: Final = 6  # failures in a row before the step ends


def stand_in(data: Mapping[str, Any], blob: Blob) -> str | Insert:
    """What the submit says in place of these bytes."""
    return trail.ref_of(data, blob.digest) or Insert(blob.digest, blob.media, "data-uri")


def missing(action: Action, data: Mapping[str, Any]) -> tuple[str, Blob] | None:
    """The first input, by path, that must be brought there before the submit."""
    return next((pair for pair in trail.lacking(action, data) if not _is_small(pair[1])), None)


def _is_small(blob: Blob) -> bool:
    return blob.media.startswith("image/") and blob.size <= INLINE


def upload(data: Mapping[str, Any], path: str, blob: Blob) -> Send:
    """Send these bytes."""
    task = {
        "taskType": "mediaStorage",
        "taskUUID": _id(data, blob.digest),
        "operation": "upload",
        "media": Insert(blob.digest, blob.media, "base64"),
    }
    then = Cursor("uploading", {**data, "up": blob.digest, "path": path})
    return Send(Request("POST", "", wire.body([task])), then)


def _id(data: Mapping[str, Any], digest: str) -> str:
    """The id of one try: never the same for two, as a known one is refused."""
    seed = f"{data.get('task', '')} {digest} {data.get('tries', 0)}"
    return str(UUID(bytes=sha256(seed.encode()).digest()[:16], version=4))


def uploaded(data: dict[str, Any], reply: Reply) -> dict[str, Any] | Move:
    """The data with what stands for the bytes from now on, or what else to do."""
    said = answer(reply, _id(data, data["up"]))
    ref = next((r for item in said.items if (r := name_of(item.get("mediaUUID")))), "")
    if ref:
        return trail.with_ref(data, data["up"], ref, FRESH)
    return _failed(data, reply, _refused(reply, said))


def _refused(reply: Reply, said: Answer) -> Refusal | None:
    errors = (*said.errors, *said.unscoped)
    if errors:
        return refusal(errors[0])
    return by_status(reply.status, "") if is_definite(reply, said) else None


def _failed(data: dict[str, Any], reply: Reply, refused: Refusal | None) -> Move:
    kind = SUBMIT[refused.family] if refused else "busy"
    if refused and kind not in ("rate", "busy") and not is_conflict(refused.code):
        path = str(data.get("path", ""))
        return Fail(kind, f"upload of {path}: {refused.message}", path, refused.code)
    if int(data.get("tries", 0)) + 1 >= TRIES and kind != "rate":
        said = refused.message if refused else reply.said or f"HTTP status {reply.status}"
        return Fail("busy", f"upload of {data.get('path', '')} fails again and again: {said}")
    again = {k: v for k, v in mapping(data).items() if k not in ("up", "path")}
    return pace.again(again, "new", reply, why="rate" if kind == "rate" else "")
