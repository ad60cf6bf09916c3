"""One HTTP/1.1 answer, read strictly as its bytes come in. Opens nothing and waits for nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from httptools import HttpParserError, HttpResponseParser

_HEAD: Final = 64 * 1024  # bytes of heads, chunk sizes or trailers without one of the body
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_INTERIM: Final = range(100, 200)
_SWITCHED: Final = 101  # to a protocol that nobody asked for
_BODILESS: Final = frozenset({*_INTERIM, 204, 304})


@lru_cache(maxsize=128)  # a thousand answers have the same few names
def _key(name: bytes) -> str:
    return name.decode("latin-1").lower()


class AnswerError(Exception):
    """What came is no answer, or not the whole of one."""


class Answer:
    """Grows with each `feed`: status, then headers (lower case), then the body, then `done`.

    Status 0 while the head is not here. Interim answers are passed over. `lasting` says whether the
    connection may carry another exchange after it.
    """

    __slots__ = ("_idle", "_parser", "_parts", "done", "headers", "lasting", "status")

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)  # strict, as long as no leniency is asked for
        self._parts: list[bytes] = []
        self._idle = 0
        self.headers: dict[str, str] = {}
        self.status = 0
        self.done = False
        self.lasting = False

    def feed(self, data: bytes) -> None:
        """The next bytes, none where the connection has ended. Raises AnswerError."""
        if not data:
            self._end()
            return
        if self._idle == 0 and not self.status and not data.startswith(b"H"):
            raise AnswerError("no answer, but something else")
        self._idle += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self.lasting = False
            if not self.done:  # else this one is whole, and what follows belongs to nobody
                raise AnswerError(str(error.__context__ or error)) from None
        if self._idle > _HEAD and not self.done:
            raise AnswerError("a head without end")

    def taken(self) -> bytes:
        """What has come of the body since the last call."""
        if not self._parts:
            return b""
        data = b"".join(self._parts)
        self._parts.clear()
        return data

    def _end(self) -> None:
        """A body whose end is marked only by closing is over, and any other is cut off."""
        self.lasting = False
        loose = not self.headers.keys() & {"content-length", "transfer-encoding"}
        self.done = self.done or (self.status > 0 and loose)
        if not self.done:
            raise AnswerError("the connection ended before the answer did")

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Of an interim answer, of the answer, or of one that nobody asked for."""
        if self.done:
            raise AnswerError("a second answer")
        self.headers = {}

    def on_status(self, reason: bytes) -> None:
        """The words beside the status, or some of them."""
        if _CONTROL.search(reason):
            raise AnswerError("a control character beside the status")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Values of one name are joined; what stands behind the body is passed over."""
        if not self.status:
            key, text = _key(name), value.decode("latin-1").strip(" \t")
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """Judge once more what says where the body ends: two readings of it are two answers."""
        status, headers = self._parser.get_status_code(), self.headers
        chunked = headers.get("transfer-encoding")
        coded = chunked is not None and chunked.lower() != "chunked"
        sized = chunked is not None or headers.get("content-length", "0") != "0"
        if coded or status < _INTERIM.start or status == _SWITCHED:
            raise AnswerError(f"an answer {status} of a kind that was not asked for")
        if status in _BODILESS and sized:
            raise AnswerError(f"an answer {status} with a body, which it cannot have")
        if status not in _INTERIM:
            self.status, self.lasting = status, self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        self._parts.append(data)
        self._idle = 0

    def on_message_complete(self) -> None:
        """Of an interim answer too, which has no status here."""
        self.done = self.status > 0
