"""Bodies of requests and answers as bytes: artifacts put in, long ones in parts, gzip taken off."""

from __future__ import annotations

import zlib
from base64 import b64encode
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kinoform.ports import Insert

PART: Final = 256 * 1024
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


def encoded(part: bytes | Insert, insert: Callable[[Insert], bytes]) -> bytes:
    """The bytes of one part of a request, in the form that the request wants."""
    if isinstance(part, bytes):
        return part
    data = insert(part)
    if part.form == "raw":
        return data
    prefix = f"data:{part.media};base64," if part.form == "data-uri" else ""
    return prefix.encode() + b64encode(data)


async def in_parts(body: bytes) -> AsyncIterator[bytes]:
    """A long body piece by piece, so that the limit for writing counts for each of them."""
    for start in range(0, len(body), PART):
        yield body[start : start + PART]


def decoded(data: bytes, coding: str, most: int) -> bytes:
    """The body itself, at most `most` bytes. Raises ValueError or zlib.error.

    Gateways compress though they are asked not to; a bomb is not unpacked.
    """
    if not data or coding.lower() in ("", "identity"):
        return data
    if coding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"a content encoding that was not asked for: {coding}")
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    body = unpacker.decompress(data, most)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError(f"a compressed body that is cut off or unpacks to more than {most} bytes")
    return body
