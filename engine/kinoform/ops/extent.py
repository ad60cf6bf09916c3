"""Whether a file is as long as its own container says: the cuts that decoders pass over.

Walks lengths and check sums only; decodes nothing and believes no length enough to read so much.
"""

from __future__ import annotations

import zlib
from io import SEEK_END
from typing import IO, TYPE_CHECKING, Final

from kinoform.ops.params import fault
from kinoform.ops.source import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.ops.source import Source

_PIECE: Final = 1 << 20  # bytes read at once
_PNG_HEAD: Final = 8
_PNG_AROUND: Final = 12  # length, name and check sum of a chunk
_BOX: Final = 8
_SEGMENT: Final = b"\x18\x53\x80\x67"
_EBML: Final = b"\x1a\x45\xdf\xa3"
_LONG: Final = 1  # a box size that says: the real one follows in 64 bits
_OPEN: Final = 0  # a box size that says: to the end of the file


def complete(source: Source, media: str) -> None:
    """Raises OpError if the file ends before its container does, or a check sum is wrong.

    Bytes behind the end are nobody's business; types without a length of their own pass.
    """
    walk = _WALKS.get(media)
    if walk is None:
        return
    with opened(source) as file:
        size = file.seek(0, SEEK_END)
        file.seek(0)
        said = walk(file, size)
    if said:
        raise fault("bad-media", f"this {media} is not whole: {said}")


def _png(file: IO[bytes], size: int) -> str:
    at = _PNG_HEAD
    while at + _PNG_AROUND <= size:
        file.seek(at)
        head = file.read(8)
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if at + length + _PNG_AROUND > size:
            break
        if _summed(file, name, length) != file.read(4):
            return f"a check sum is wrong near byte {at:,}"
        if name == b"IEND":
            return ""
        at += length + _PNG_AROUND
    return _cut(size)


def _summed(file: IO[bytes], name: bytes, length: int) -> bytes:
    total = zlib.crc32(name)
    while length:
        piece = file.read(min(length, _PIECE))
        total = zlib.crc32(piece, total)
        length -= len(piece)
    return total.to_bytes(4, "big")


def _riff(file: IO[bytes], size: int) -> str:
    said = 8 + int.from_bytes(file.read(8)[4:], "little")
    return _cut(size, said) if said > size else ""


def _boxes(file: IO[bytes], size: int) -> str:
    at = 0
    while at + _BOX <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == _LONG:
            length = int.from_bytes(head[8:], "big")
        if at + length > size:
            return _cut(size, at + length)
        if length == _OPEN or length < _BOX:
            break
        at += length
    return ""


def _ebml(file: IO[bytes], size: int) -> str:
    head = file.read(64)
    at = len(_EBML) + _vint_size(head[4:])
    length, known = _vint(head[4:])
    at += length
    if not known or head[at : at + 4] != _SEGMENT:
        return ""  # its demuxer will say more
    body = head[at + 4 :]
    length, known = _vint(body)
    end = at + 4 + _vint_size(body) + length
    return _cut(size, end) if known and end > size else ""


def _vint_size(data: bytes) -> int:
    """How many bytes the number takes that begins here: one more for each leading zero bit."""
    return 9 - data[0].bit_length() if data else 1


def _vint(data: bytes) -> tuple[int, bool]:
    """A number of EBML, and whether it is known: all ones mean that it is not."""
    width = _vint_size(data)
    bits = 7 * width
    value = int.from_bytes(data[:width], "big") & ((1 << bits) - 1)
    return value, value != (1 << bits) - 1


def _cut(size: int, said: int = 0) -> str:
    return f"it ends after {size:,} bytes" + (f", {said:,} were announced" if said else "")


_WALKS: Final[Mapping[str, Callable[[IO[bytes], int], str]]] = {
    "image/png": _png,
    "image/webp": _riff,
    "image/avif": _boxes,
    "video/mp4": _boxes,
    "video/quicktime": _boxes,
    "video/webm": _ebml,
    "video/x-matroska": _ebml,
}
