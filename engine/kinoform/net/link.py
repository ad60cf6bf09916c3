"""One connection to a checked address, and HTTP/1.1 on it: a request out, an answer in.

Knows no key, no redirect and no retry. Every fault of the wire is FetchError (broken).
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from kinoform.core.classes import dataclass
from kinoform.net.addresses import Place, addresses, plain
from kinoform.net.answer import Answer, AnswerError
from kinoform.ports import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from kinoform.net.addresses import Resolve

Wire: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# A connection to this very address, encrypted for the place's host. Raises OSError.
Dial: TypeAlias = Callable[[Place, str], Awaitable[Wire]]

_CHUNK: Final = 256 * 1024
_LINE: Final = re.compile(r"[\x20-\x7e\t]+")
_TRIES: Final = 4  # addresses of one host


@cache
def agent() -> str:
    """How we name ourselves to servers: `kinoform/<version>`."""
    from importlib import metadata  # noqa: PLC0415  (some milliseconds, when something is sent)

    try:
        return f"kinoform/{metadata.version('kinoform')}"
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "kinoform"


@cache
def tls_context() -> ssl.SSLContext:
    """Trusts what this system trusts (SSL_CERT_FILE included) and the public list of certifi."""
    import certifi  # noqa: PLC0415  (only encrypted connections need it)

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, as the system prefers them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(row[4][0]) for row in found)


async def dial(place: Place, address: str) -> Wire:
    """Connect to `address`; the certificate must be that of the place's host. Raises OSError."""
    return await asyncio.open_connection(
        address,
        place.port,
        limit=_CHUNK,
        ssl=tls_context() if place.tls else None,
        server_hostname=place.host if place.tls else None,
    )


@dataclass(frozen=True, slots=True)
class Effects:
    """What reaches outside: names, connections, pauses (seconds)."""

    resolve: Resolve = resolve
    dial: Dial = dial
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the other side is waited for, in seconds.

    In each `stall` it must answer, or take or give `pace` bytes: without a pace, a server that
    drips a byte now and then would hold a connection for ever.
    """

    connect: float = 10.0
    stall: float = 30.0
    pace: int = 64 * 1024


WORLD: Final = Effects()
PATIENT: Final = Patience()


class Link:
    """One connection, used for one exchange at a time.

    As a context it is dropped after a fault: what is on it then belongs to nobody.
    """

    __slots__ = (
        "_answer", "_by", "_late", "_patience", "_reader", "_since", "_wait", "_watch", "_writer",
        "place", "waits",
    )  # fmt: skip

    def __init__(self, place: Place, wire: Wire, patience: Patience) -> None:
        self.place = place
        self._reader, self._writer = wire
        self._patience = patience
        self._answer = Answer()
        self._since = 0
        self._by = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._late = False
        self._wait = _Wait(self)
        self.waits = False  # on the wire, and not on whoever takes what came

    @classmethod
    async def open(cls, place: Place, effects: Effects, patience: Patience = PATIENT) -> Self:
        """Resolve, check and dial. Raises FetchError (refused, broken)."""
        said = ""
        for address in (await addresses(place, effects.resolve))[:_TRIES]:
            try:
                async with asyncio.timeout(patience.connect):
                    return cls(place, await effects.dial(place, address), patience)
            except (OSError, ValueError) as error:  # ValueError: no name that TLS can ask for
                said = plain(str(error)) or type(error).__name__
        raise FetchError("broken", f"no connection to {place.site}: {said}")

    async def ask(
        self, method: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str]]:
        """Send a request for the place's target; status and headers (lower case) of the answer.

        The length of a body is among the headers that are given.
        """
        with self._wait:
            self._answer = answer = Answer()
            self._begin()
            self._writer.write(_head(method, self.place, headers))
            await self._send(body)
            while not answer.status:
                await self._read()
            return answer.status, answer.headers

    async def chunk(self) -> bytes:
        """The next bytes of the body; none at its end.

        A body whose end the server marks only by closing ends wherever the connection does: whether
        it is whole, its decoder must tell.
        """
        answer = self._answer
        while not (data := answer.taken()) and not answer.done:
            with self._wait:
                await self._read()
        self._since += len(data)
        if self._since >= self._patience.pace:
            self._begin()
        return data

    def again(self) -> bool:
        """Whether another exchange may follow; false if this connection has had its last."""
        return self._answer.done and self._answer.lasting and self.alive

    @property
    def alive(self) -> bool:
        """Whether the other side has not closed yet, as far as we have heard."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    def drop(self) -> None:
        """Close at once; what was not sent is not sent."""
        if self._watch is not None:
            self._watch.cancel()
        self._writer.transport.abort()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.drop()

    def _begin(self) -> None:
        self._since = 0
        loop = asyncio.get_running_loop()
        self._by = loop.time() + self._patience.stall
        if self._watch is None:
            self._watch = loop.call_at(self._by, self._look)

    def _look(self) -> None:
        """Cut the connection where it stalls: a look at its time costs less than a timer a read."""
        loop, self._watch = asyncio.get_running_loop(), None
        if self._answer.done:
            return
        if loop.time() < self._by:
            self._watch = loop.call_at(self._by, self._look)
        elif self.waits:
            self._late = True
            self._writer.transport.abort()
        else:  # the time was not the server's, but the disk's
            self._begin()

    async def _send(self, body: bytes) -> None:
        view = memoryview(body)
        for start in range(0, len(view), _CHUNK):
            self._writer.write(view[start : start + _CHUNK])
            await self._writer.drain()
            self._begin()

    async def _read(self) -> None:
        data = await self._reader.read(_CHUNK)
        if self._late:
            raise TimeoutError
        self._answer.feed(data)


class _Wait:
    """Waiting on the wire: faults of it become FetchError (broken).

    One for each connection, as a class: a generator anew for each read costs ten times as much.
    """

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    def __enter__(self) -> None:
        self._link.waits = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._link.waits = False
        if error is None:
            return
        self._link.drop()
        if isinstance(error, (OSError, AnswerError)):
            said = plain(str(error)) or "no answer in time"
            raise FetchError("broken", f"{self._link.place.site}: {said}") from None


def _head(method: str, place: Place, headers: Mapping[str, str]) -> bytes:
    """The head of a request, as it goes over the wire. Raises AnswerError for what is no line."""
    first = f"{method} {place.target} HTTP/1.1"
    if not _LINE.fullmatch(first):
        raise AnswerError(_NO_LINE)
    return f"{first}\r\n{_fields(place.site, tuple(headers.items()))}".encode("ascii")


@lru_cache(maxsize=64)  # a thousand results lie on a few hosts
def _fields(site: str, headers: tuple[tuple[str, str], ...]) -> str:
    """What follows the first line. Raises AnswerError for what is no line."""
    ours = {"Host": site, "User-Agent": agent(), "Accept-Encoding": "identity"}
    lines = [f"{name}: {value}" for name, value in (ours | dict(headers)).items()]
    if not all(map(_LINE.fullmatch, lines)):
        raise AnswerError(_NO_LINE)
    return "\r\n".join([*lines, "", ""])


_NO_LINE: Final = "a request that is more than its lines"
