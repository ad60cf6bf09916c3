"""Exchanges with a provider written to files without any secret, and a carrier that replays them.

One JSON file an exchange, and downloaded files beside them by digest. Knows no provider.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.errors import EnvError, Problem
from kinoform.core.secret import Secret, masked, masked_text
from kinoform.net.redact import bare, body_of, bytes_of
from kinoform.ports import Fetched, FetchError, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kinoform.ports import Carrier, Insert, Request

_HEADERS: Final = ("content-type", "date", "retry-after")
_LARGEST: Final = 8 * 1024 * 1024  # bytes of one download that is kept
_FILES: Final = "files"


class CassetteRecorder:
    """Passes everything on to `inner`, and writes each exchange below `folder`.

    What `inner` answers has lost the key already; `secrets` are masked once more in what is
    written, in requests too. Media are written as their digests, and queries of URLs not at all.
    """

    def __init__(self, inner: Carrier, folder: Path, secrets: Iterable[Secret] = ()) -> None:
        self._inner = inner
        self._folder = folder
        self._secrets = tuple(secrets)
        folder.mkdir(parents=True, exist_ok=True)
        self._count = len(list(folder.glob("*.json")))

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        """Carry one request and write it down."""
        number = self._next()
        reply = await self._inner.send(request, insert)
        self._write(number, {"request": _asked(request), "reply": _answer(reply)})
        return reply

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """Download and keep a copy, always by a file. Raises FetchError."""
        del held
        number, asked = self._next(), {"method": "FETCH", "path": bare(url)}
        try:
            fetched = await self._inner.fetch(url, path, most)
        except FetchError as error:
            said = {"kind": error.kind, "said": str(error)}
            self._write(number, {"request": asked, "reply": said})
            raise
        self._keep(fetched)
        file = {"digest": fetched.digest, "size": fetched.size}
        self._write(number, {"request": asked, "reply": file})
        return fetched

    async def close(self) -> None:
        """Let go of every connection."""
        await self._inner.close()

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _write(self, number: int, exchange: dict[str, Any]) -> None:
        text = json.dumps({"cassette": 1, **exchange}, indent=1, sort_keys=True)
        file = self._folder / f"{number:05}.json"
        file.write_text(masked_text(text, self._secrets) + "\n", encoding="utf-8")

    def _keep(self, fetched: Fetched) -> None:
        if fetched.size > _LARGEST:
            return
        data = fetched.path.read_bytes()
        if masked(data, self._secrets) == data:
            _file(self._folder, fetched.digest).parent.mkdir(exist_ok=True)
            _file(self._folder, fetched.digest).write_bytes(data)


class CassettePlayer:
    """Answers from a folder that was recorded; connects to nothing.

    A request is met by method, path and canonical body, each recorded answer once and in order.
    EnvError for one that is unknown, or was answered as often as recorded. Times are the recorded
    ones.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        for file in sorted(folder.glob("*.json")):
            exchange = json.loads(file.read_text(encoding="utf-8"))
            self._waiting[_name(exchange["request"])].append(exchange["reply"])

    async def send(self, request: Request, _insert: Callable[[Insert], bytes]) -> Reply:
        """The next recorded answer to this request."""
        reply = self._take(_asked(request))
        if reply is None:
            said = f"nothing is recorded for this {request.method} {bare(request.url)}".rstrip()
            raise EnvError(Problem("not-recorded", said, hint="record it with KINOFORM_CASSETTE"))
        body = bytes_of(reply["body"])
        return Reply(**{**reply, "body": body})

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """A copy of the recorded file. Raises FetchError."""
        del held
        reply = self._take({"method": "FETCH", "path": bare(url)})
        if reply is None:
            raise FetchError("broken", f"no recorded download of {bare(url)}")
        if "kind" in reply:
            raise FetchError(reply["kind"], reply["said"])
        if reply["size"] > most:
            raise FetchError("refused", f"{reply['size']} bytes, at most {most} are taken")
        return self._copied(reply, path)

    async def close(self) -> None:
        """Nothing is held."""

    def _copied(self, reply: dict[str, Any], path: Path) -> Fetched:
        file = _file(self._folder, reply["digest"])
        if not file.exists():
            raise FetchError("gone", f"{reply['digest']} was not kept with the recording")
        shutil.copyfile(file, path)
        return Fetched(path, reply["digest"], reply["size"])

    def _take(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        waiting = self._waiting[_name(asked)]
        return waiting.popleft() if waiting else None


def _asked(request: Request) -> dict[str, Any]:
    return {"method": request.method, "path": bare(request.url), "body": body_of(request.body)}


def _answer(reply: Reply) -> dict[str, Any]:
    return {
        "status": reply.status,
        "headers": {name: reply.headers[name] for name in _HEADERS if name in reply.headers},
        "body": body_of((reply.body,)),
        "fault": reply.fault,
        "said": reply.said,
        "at": reply.at,
    }


def _name(asked: dict[str, Any]) -> str:
    return json.dumps(asked, sort_keys=True)


def _file(folder: Path, digest: str) -> Path:
    return folder / _FILES / digest.removeprefix("sha256:")
