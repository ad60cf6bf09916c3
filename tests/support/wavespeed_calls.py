"""Calls to an emulated WaveSpeed, in the few words that tests need."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator import Emulator

IMAGE = "kwaivgi/kling-image-o3"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
WEEK = 7 * 86400


class Told(NamedTuple):
    """An answer: status, parsed body (or its text), headers."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def data(self) -> Any:
        """What is in the envelope of a good answer."""
        assert (self.status, self.body["code"], self.body["message"]) == (200, 200, "success")
        return self.body["data"]


def ask(emulator: Emulator, path: str, body: Any = None, *, key: str = KEY, **headers: str) -> Told:
    """One call below `/api/v3/`; with a body it is a POST."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(f"{emulator.base}/api/v3/{path}", data)  # noqa: S310  (loopback only)
    for name, value in {"Authorization": f"Bearer {key}", **headers}.items():
        request.add_header(name.replace("_", "-"), value)
    return send(request)


def send(request: urllib.request.Request) -> Told:
    """Carry one request, errors too."""
    try:
        with _OPENER.open(request, timeout=30) as answer:
            raw, status, found = answer.read(), answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        raw, status, found = error.read(), error.code, dict(error.headers)
    try:
        return Told(status, json.loads(raw), found)
    except ValueError:
        return Told(status, raw, found)


def submit(emulator: Emulator, **fields: Any) -> str:
    """A right task; its id."""
    told = ask(emulator, IMAGE, {"prompt": "a brass lamp", **fields}).data
    return str(told["id"])


def state(emulator: Emulator, task: str) -> Any:
    """What is told of a task."""
    return ask(emulator, f"predictions/{task}/result").data


def get(url: str) -> Told:
    """What lies at an address."""
    return send(urllib.request.Request(url))  # noqa: S310  (loopback only)


def put(place: Mapping[str, Any], data: bytes) -> Told:
    """Bytes to where a ticket wants them."""
    headers = dict(place["headers"])
    return send(urllib.request.Request(place["url"], data, headers, method="PUT"))  # noqa: S310  (loopback only)


class Taken:
    """What a receiver got."""

    def __init__(self) -> None:
        self._got = threading.Event()
        self._call: tuple[dict[str, str], bytes] = ({}, b"")

    def put(self, headers: dict[str, str], body: bytes) -> None:
        self._call = headers, body
        self._got.set()

    def wait(self) -> tuple[dict[str, str], bytes]:
        assert self._got.wait(20)
        return self._call


@contextmanager
def receiver() -> Iterator[tuple[str, Taken]]:
    """A server on loopback that takes one call."""
    taken = Taken()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.put({name.lower(): text for name, text in self.headers.items()}, body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", taken
    finally:
        server.server_close()
