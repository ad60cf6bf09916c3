"""The network for one provider: requests with its key to its host, uploads and downloads without.

Knows no provider's language, and never sends anything twice: what may be sent again, others decide.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import field, replace
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.classes import dataclass
from kinoform.core.secret import masked, masked_text
from kinoform.net.addresses import place, plain
from kinoform.net.bodies import PART, decoded, encoded, in_parts
from kinoform.net.download import Downloader
from kinoform.net.headers import allowed
from kinoform.net.line import Line, is_absolute
from kinoform.net.link import PATIENT, WORLD, Effects, Link, Patience, agent, tls_context
from kinoform.net.quiet import quiet
from kinoform.net.tunnel import through
from kinoform.ports import Fetched, FetchError, Insert, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds for each stage of a request and for the whole of it; bytes; requests at a time.

    `keep` is how long an idle connection is used again: below the five seconds after which some
    servers close theirs, because a submit on a connection that is just being closed is lost.
    """

    connect: float = 10.0
    read: float = 60.0
    write: float = 60.0
    pool: float = 60.0
    whole: float = 300.0
    keep: float = 4.0
    most: int = 32 * _MB
    at_once: int = 8


BOUNDS: Final = Bounds()


class HttpCarrier:
    """A Carrier over httpx for the API, and over bare connections for everything else.

    `transport` takes the place of httpx's own (a provider in this process). Exceptions of `insert`
    pass through, and so does OSError of the disk; those of the network do not.
    """

    def __init__(
        self,
        line: Line,
        *,
        now: Callable[[], float] = time.time,
        effects: Effects = WORLD,
        patience: Patience = PATIENT,
        bounds: Bounds = BOUNDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._line = line
        self._now = now
        if line.proxy and not line.fault():
            effects = replace(effects, dial=through(line.proxy, effects.dial))
        self._effects = effects
        self._patience = patience
        self._bounds = bounds
        self._transport = transport
        self._made: httpx.AsyncBaseTransport | None = None
        # A gate of our own: httpx's pool walks over everybody who waits at each answer.
        self._gate = asyncio.Semaphore(bounds.at_once)
        self._downloads = Downloader(loopback=line.loopback, effects=effects, patience=patience)

    def __repr__(self) -> str:
        return f"HttpCarrier({self._line!r})"

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        """Carry one request, once; every fault of the network is in the reply. Secrets are masked."""
        if fault := self._line.fault():
            return self._failed("not-sent", fault)
        parts = (encoded(part, insert) for part in request.body)
        async with self._gate:
            body = b"".join(parts)
            if is_absolute(request.url):
                reply = await self._upload(request, body)
            else:
                with quiet():
                    reply = await self._ask(request, body)
        return self._masked(reply)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """Stream a result to `path`, `most` bytes at most. Raises FetchError."""
        try:
            return await self._downloads.fetch(url, path, most, held)
        except FetchError as error:
            said = masked_text(str(error), self._line.secrets)
            raise FetchError(error.kind, said) from None

    async def close(self) -> None:
        """Let go of every connection."""
        await self._downloads.close()
        way, self._made = self._made, None
        if way is not None:
            with quiet():
                await way.aclose()

    async def _ask(self, request: Request, body: bytes) -> Reply:
        """To the provider, with the key. Only before the first byte is a fault `not-sent`."""
        _lean()
        import httpx  # noqa: PLC0415  (50 ms that a run without a provider does not pay)

        watch = _Watch(self._now)
        try:
            way, asked = self._way(), self._built(request, body, watch)
        except Exception as error:  # noqa: BLE001  (whatever it is, nothing has been written)
            return self._failed("not-sent", _said(error))
        # All that these say is that no connection, no tunnel and no TLS came about. A kept connection
        # that the server has closed meanwhile is RemoteProtocolError or ReadError: the request may
        # have been written and read before, so it is lost like every other fault.
        unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        try:
            async with asyncio.timeout(self._bounds.whole):
                answer = await self._answer(way, asked)
            left = watch.left or self._now()
            return replace(answer, at=left, took=self._now() - left)
        except unsent as error:
            return self._failed("not-sent", _said(error))
        except Exception as error:  # noqa: BLE001  (a submit whose fault has no class is lost too)
            return self._failed("lost", _said(error))

    def _built(self, request: Request, body: bytes, watch: _Watch) -> httpx.Request:
        import httpx  # noqa: PLC0415  (50 ms that a run without a provider does not pay)

        bounds = self._bounds
        times = {name: getattr(bounds, name) for name in ("connect", "read", "write", "pool")}
        ours = {"user-agent": agent(), "accept": "*/*", "accept-encoding": "identity"}
        asked = httpx.Request(
            request.method,
            self._line.joined(request.url),
            headers=ours | _headers(request, body),
            content=body if len(body) <= PART else in_parts(body),
            extensions={"trace": watch, "timeout": times},
        )
        # Both as the library reads them, which is what it dials.
        if _host(asked.url) != _home(self._line.base):
            raise ValueError("the URL leads to another host")
        return asked

    async def _answer(self, way: httpx.AsyncBaseTransport, asked: httpx.Request) -> Reply:
        if key := self._line.key:
            asked.headers["Authorization"] = f"Bearer {key.reveal()}"
        response = await way.handle_async_request(asked)
        try:
            body = await self._body(response)
        finally:
            await response.aclose()
        return Reply(response.status_code, body, dict(response.headers.items()))

    async def _body(self, response: httpx.Response) -> bytes:
        """The whole body. Raises ValueError where it is too long or cannot be decoded."""
        most, parts, size = self._bounds.most, [], 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > most:
                raise ValueError(f"HTTP {response.status_code} with more than {most} bytes")
            parts.append(part)
        return decoded(b"".join(parts), response.headers.get("content-encoding", ""), most)

    def _way(self) -> httpx.AsyncBaseTransport:
        if self._made is None:
            self._made = self._transport or _new_transport(self._line, self._bounds)
        return self._made

    async def _upload(self, request: Request, body: bytes) -> Reply:
        """To a public place that the provider named, without the key."""
        if request.method != "PUT":
            return self._failed("not-sent", "only PUT is sent to other hosts than the provider's")
        try:
            spot = place(request.url, loopback=self._line.loopback)
            link = await Link.open(spot, self._effects, self._patience)
        except FetchError as error:
            return self._failed("not-sent", str(error))
        try:
            with link:
                status, headers = await link.ask("PUT", _headers(request, body), body)
                left = self._now()
                answer = await _short_body(link)
        except FetchError as error:
            return self._failed("lost", str(error))
        link.drop()
        return Reply(status, answer, headers, at=left)

    def _failed(self, fault: Any, said: str) -> Reply:
        return self._masked(Reply(fault=fault, said=said, at=self._now()))

    def _masked(self, reply: Reply) -> Reply:
        secrets = self._line.secrets
        return replace(
            reply,
            body=masked(reply.body, secrets),
            headers={name: masked_text(text, secrets) for name, text in reply.headers.items()},
            said=masked_text(reply.said, secrets),
        )


@dataclass(slots=True)
class _Watch:
    """Notes when the request had left, from the tracing of httpcore."""

    now: Callable[[], float]
    left: float = field(default=0.0)

    async def __call__(self, event: str, _info: object) -> None:
        if event.endswith("send_request_body.complete"):
            self.left = self.now()


@cache
def _lean() -> None:
    """Let httpx do without what nobody uses here; None is how the import system says "not there".

    Its command line brings rich and pygments, a third of its import. For sniffio httpcore asks at each
    of its locks, and Python looks through all folders for what is not there, each time anew: a third of
    what a request computes.
    """
    absent = {name for name in ("sniffio",) if find_spec(name) is None} | {"httpx._main"}
    sys.modules.update(dict.fromkeys(absent - sys.modules.keys()))  # type: ignore[arg-type]  # None is no module


def _new_transport(line: Line, bounds: Bounds) -> httpx.AsyncBaseTransport:
    """A pool of connections for one provider, as its user set it.

    There is no client above it: that would only have its redirects, cookies, environment and logins
    to be switched off, and take a tenth of a request's time to look that they are.
    """
    import httpx  # noqa: PLC0415  (50 ms that a run without a provider does not pay)

    many = bounds.at_once
    return httpx.AsyncHTTPTransport(
        verify=tls_context() if line.tls else False,
        proxy=None if line.loopback else line.proxy or None,
        limits=httpx.Limits(
            max_connections=many, max_keepalive_connections=many, keepalive_expiry=bounds.keep
        ),
        trust_env=False,
    )


@cache
def _home(base: str) -> tuple[str, str, int | None]:
    """The host of a base URL."""
    import httpx  # noqa: PLC0415  (50 ms that a run without a provider does not pay)

    return _host(httpx.URL(base))


def _host(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _headers(request: Request, body: bytes) -> dict[str, str]:
    kind = {"content-type": request.media} if body else {}
    size = {"content-length": str(len(body))} if body or request.method != "GET" else {}
    return allowed(kind | dict(request.headers)) | size


async def _short_body(link: Link) -> bytes:
    """What an upload's place answers: a few lines. Raises FetchError."""
    body = b""
    while data := await link.chunk():
        body += data
        if len(body) > _MB:
            raise FetchError("broken", f"{link.place.site} answers an upload with over a megabyte")
    return body


def _said(error: Exception) -> str:
    """A sentence for what a person may meet; the class's name for the rest."""
    name = type(error).__name__
    known = _SENTENCES.get(name)
    return known or plain(f"{name}: {error}".removesuffix(": "))


_SENTENCES: Final = {
    "ConnectError": "the provider's host cannot be reached",
    "ConnectTimeout": "the provider's host does not answer",
    "ReadTimeout": "no answer came in time",
    "RemoteProtocolError": "the connection was cut before the answer",
    "ReadError": "the connection was cut before the answer",
    "ProxyError": "the proxy refused the way",
}
