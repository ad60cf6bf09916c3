"""Actions, cursors and replies for tests of providers, and short ways to walk one."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from kinoform.core.types import Action, Blob, Expect, Op
from kinoform.ports import Cursor, Insert, Reply, Send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.ports import Move, Provider, Request

TASK = "770a8400-e29b-41d4-a716-446655440000"
OTHER = "880a8400-e29b-41d4-a716-446655440000"
WID = "53fb26890410446eb8b12f24a3875cef"
NOW = 1_795_000_000.0

SMALL = Blob("sha256:" + "a" * 64, 1000, "image/png")
LARGE = Blob("sha256:" + "b" * 64, 500_000, "image/jpeg")
CLIP = Blob("sha256:" + "c" * 64, 1000, "video/mp4")


def action(
    model: str, params: Mapping[str, Any], count: int = 1, media: str = "image/png"
) -> Action:
    """A hosted action that asks for `count` results."""
    return Action(
        key="1" * 64,
        step="still@s010",
        take=1,
        op=Op(model, 0, "hosted", model.partition("/")[0]),
        params=params,
        inputs={},
        expects=tuple(Expect(media) for _ in range(count)),
        manifest={},
    )


def picture(count: int = 1, **more: Any) -> Action:
    """A picture by Runware."""
    params = {"positivePrompt": "a cat", "width": 1024, "height": 1024, **more}
    if count > 1:
        params["numberResults"] = count
    return action("runware/klingai:kling-image@o3", params, count)


def wave(count: int = 1, **more: Any) -> Action:
    """A picture by WaveSpeed."""
    params = {"prompt": "a cat", **({"num_images": count} if count > 1 else {}), **more}
    return action("wavespeed/kwaivgi/kling-image-o3", params, count)


def start(**more: Any) -> Cursor:
    """Where the driver begins."""
    return Cursor("new", {"task": TASK, "refs": {}, **more})


def at(stage: str, **more: Any) -> Cursor:
    """Somewhere on the road."""
    return Cursor(stage, {"task": TASK, "refs": {}, **more})


def reply(value: Any, status: int = 200, **headers: str) -> Reply:
    """An answer: JSON, or bytes as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status=status, body=body, headers=names, at=NOW)


LOST = Reply(fault="lost", said="read timed out", at=NOW)
HTML = reply(b"<html><body><h1>502 Bad Gateway</h1></body></html>", 502)


def date(seconds: float) -> str:
    """An HTTP date."""
    return formatdate(seconds, usegmt=True)


def envelope(data: Any, code: int = 200, status: int = 200, **headers: str) -> Reply:
    """WaveSpeed's answer."""
    return reply({"code": code, "message": "success", "data": data}, status, **headers)


def sent(move: Move) -> Send:
    """The move, which must be a request."""
    assert isinstance(move, Send), move
    return move


def text_of(request: Request) -> str:
    """The body with `<form digest…>` where bytes go in."""
    parts = (
        f"<{part.form} {part.digest[7:11]}>" if isinstance(part, Insert) else part.decode()
        for part in request.body
    )
    return "".join(parts)


def json_of(request: Request) -> Any:
    """The JSON of a body, read with placeholders."""
    return json.loads(text_of(request))


def submitted(provider: Provider, what: Action, cursor: Cursor | None = None) -> Send:
    """The submit, for an action whose inputs need no upload."""
    move = sent(provider.advance(what, cursor or start(), None))
    assert move.spends
    return move
