"""HTTP answers, broken in every way that a seed can draw, and two readers of them: ours and h11.

What h11 does not take may not be taken; what both take must be the same, however it is cut.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import h11

from kinoform.net.answer import Answer, AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WHOLE: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: image/png\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 204 No\r\n\r\n",
    b"HTTP/1.1 304 No\r\nEtag: x\r\n\r\n",
    b"HTTP/1.1 500\r\nContent-Length: 0\r\nConnection: keep-alive\r\nX: a\r\nX: b\r\n\r\n",
)
_PIECES: Final = (
    b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\0", b"\x0b", b"\xff", b"+5", b"-1", b"5, 5", b"101",
    b"100", b"204", b"099", b"HTTP/1.0", b"HTTP/2.0", b"Content-Length: 5\r\n", b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n",
    b"Transfer-Encoding: identity\r\n", b"Connection: close\r\n", b"ffffffffffffffff\r\n",
    b"Upgrade: x\r\nConnection: upgrade\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nZ",
)  # fmt: skip
# Blank lines after an interim answer, and trailers: both are passed over, and mean nothing.
_OUTSIDE: Final = (
    "no response line",
    "illegal request line",
    "illegal status line: bytearray(b'\\r",
)
_TRAILER: Final = "Only Transfer-Encoding: chunked"


@dataclass
class Read:
    """What a reader made of an answer; `fault` says why it is none."""

    fault: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ours(parts: Iterable[bytes]) -> Read:
    """As Answer reads these parts and the end behind them."""
    answer, body = Answer(), b""
    try:
        for part in (*parts, b""):
            if not answer.done:
                answer.feed(part)
                body += answer.taken()
    except AnswerError as error:
        return Read(str(error))
    return Read("", answer.status, answer.headers, body)


def theirs(raw: bytes) -> Read:
    """As h11 reads it."""
    reader = h11.Connection(h11.CLIENT)
    reader.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(raw)
    reader.receive_data(b"")
    found = Read()
    try:
        while not isinstance(event := reader.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                found.status, found.headers = event.status_code, _joined(event.headers)
            elif isinstance(event, h11.Data):
                found.body += bytes(event.data)
            elif not isinstance(event, h11.InformationalResponse):
                return Read("no answer")
    except h11.ProtocolError as error:
        return Read(str(error))
    return found


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        joined[name] = f"{joined[name]}, {text}" if name in joined else text
    return joined


def read(count: int, seed: int = 0) -> Counter[str]:
    """How many were taken, refused by both, and refused by us alone. Raises AssertionError."""
    rng, seen = random.Random(seed), Counter[str]()
    for _ in range(count):
        raw = _broken(rng)
        mine, other = ours(_cut(raw, rng)), theirs(raw)
        assert _same(mine, ours([raw])), raw
        assert _same(mine, ours(raw[at : at + 1] for at in range(len(raw)))), raw
        assert mine.fault or _same(mine, other) or _outside(other.fault, raw), (raw, other.fault)
        seen[("taken" if not mine.fault else "strict" if not other.fault else "refused")] += 1
    return seen


def _same(one: Read, other: Read) -> bool:
    """Whether both are faults, of whatever words, or both the same answer."""
    if one.fault or other.fault:
        return bool(one.fault and other.fault)
    low = [{k: v.lower() for k, v in each.headers.items()} for each in (one, other)]
    return (one.status, low[0], one.body) == (other.status, low[1], other.body)


def _outside(fault: str, raw: bytes) -> bool:
    interim = raw.startswith(b"HTTP/1.1 1") and fault.startswith(_OUTSIDE)
    return interim or (fault.startswith(_TRAILER) and b"\r\n0\r\n" in raw)


def _broken(rng: random.Random) -> bytes:
    raw = rng.choice(WHOLE)
    for _ in range(rng.randrange(4)):
        raw = b"".join(_changed(raw, rng))
    return raw


def _changed(raw: bytes, rng: random.Random) -> Iterator[bytes]:
    """A piece more, some bytes less, another byte, or nothing from there on."""
    at = rng.randrange(len(raw) + 1)
    yield raw[:at]
    match rng.randrange(4):
        case 0:
            yield rng.choice(_PIECES) + raw[at:]
        case 1:
            yield raw[at + rng.randrange(1, 6) :]
        case 2:
            yield rng.randbytes(1) + raw[at + 1 :]


def _cut(raw: bytes, rng: random.Random) -> list[bytes]:
    marks = sorted(rng.randrange(len(raw) + 1) for _ in range(rng.randrange(4)))
    return [part for a, b in pairwise([0, *marks, len(raw)]) if (part := raw[a:b])]
