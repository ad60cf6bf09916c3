"""One connection to a checked address, and HTTP/1.1 on it: a request out, an answer in.

Knows no key, no redirect and no retry. Every fault of the wire is FetchError (broken).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, Self, TypeAlias

import h11

from kinoform.core.classes import dataclass
from kinoform.net.addresses import Place, addresses, plain
from kinoform.ports import FetchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.net.addresses import Resolve

Wire: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# A connection to this very address, encrypted for the place's host. Raises OSError.
Dial: TypeAlias = Callable[[Place, str], Awaitable[Wire]]

_CHUNK: Final = 256 * 1024
_HEAD: Final = 64 * 1024
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
    """One connection, used for one exchange at a time."""

    __slots__ = ("_by", "_patience", "_reader", "_since", "_state", "_writer", "place")

    def __init__(self, place: Place, wire: Wire, patience: Patience) -> None:
        self.place = place
        self._reader, self._writer = wire
        self._patience = patience
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        self._since = 0
        self._by = 0.0

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
        """Send a request for the place's target; status and headers (lower case) of the answer."""
        fields = {"Host": self.place.site, "User-Agent": agent(), "Accept-Encoding": "identity"}
        fields |= headers
        with self._faults():
            self._begin()
            request = h11.Request(
                method=method, target=self.place.target, headers=list(fields.items())
            )
            self._writer.write(self._state.send(request) or b"")
            await self._send(body)
            return await self._head()

    async def chunk(self) -> bytes:
        """The next bytes of the body; none at its end.

        A body whose end the server marks only by closing ends wherever the connection does: whether
        it is whole, its decoder must tell.
        """
        with self._faults():
            event = await self._event()
        if not isinstance(event, h11.Data):
            return b""
        self._since += len(event.data)
        if self._since >= self._patience.pace:
            self._begin()
        return bytes(event.data)

    def again(self) -> bool:
        """Make ready for the next exchange; false if this connection has had its last."""
        done = self._state.our_state is h11.DONE and self._state.their_state is h11.DONE
        if not done or self._state.trailing_data[0] or not self.alive:
            return False
        self._state.start_next_cycle()
        return True

    @property
    def alive(self) -> bool:
        """Whether the other side has not closed yet, as far as we have heard."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    def drop(self) -> None:
        """Close at once; what was not sent is not sent."""
        self._writer.transport.abort()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """No connection is kept after a fault: what is on it belongs to nobody."""
        try:
            yield
        except BaseException:
            self.drop()
            raise

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Faults of the wire as FetchError (broken)."""
        try:
            with self.kept():
                yield
        except (OSError, h11.ProtocolError) as error:
            said = plain(str(error)) or "no answer in time"
            raise FetchError("broken", f"{self.place.site}: {said}") from None

    def _begin(self) -> None:
        self._since = 0
        self._by = asyncio.get_running_loop().time() + self._patience.stall

    async def _send(self, body: bytes) -> None:
        view = memoryview(body)
        for start in range(0, len(view), _CHUNK):
            part = self._state.send(h11.Data(data=view[start : start + _CHUNK].tobytes()))
            self._writer.write(part or b"")
            async with asyncio.timeout_at(self._by):
                await self._writer.drain()
            self._begin()
        self._writer.write(self._state.send(h11.EndOfMessage()) or b"")

    async def _head(self) -> tuple[int, dict[str, str]]:
        event = await self._event()
        while isinstance(event, h11.InformationalResponse):
            event = await self._event()
        if not isinstance(event, h11.Response):
            raise h11.RemoteProtocolError("the connection ended before an answer")
        headers: dict[str, str] = {}
        for raw, value in event.headers:
            name, text = raw.decode("latin-1"), value.decode("latin-1")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
        return event.status_code, headers

    async def _event(self) -> object:
        while (event := self._state.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout_at(self._by):
                data = await self._reader.read(_CHUNK)
            self._state.receive_data(data)
        return event
