"""The checksums that a server promises for a body in its headers, and the check of them."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from binascii import Error as NotBase64
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Weak against forgers, which is no matter here: it tells of bytes that were damaged on the way.
_MD5: Final = partial(hashlib.md5, usedforsecurity=False)
_MAKERS: Final[Mapping[str, Callable[[], Any]]] = MappingProxyType(
    {"md5": _MD5, "sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
)
# Headers with one value each, in base64. An ETag is none: it may be anything.
_SINGLE: Final = MappingProxyType({"content-md5": "md5", "x-amz-checksum-sha256": "sha-256"})
# `sha-256=…, md5=…` in base64, `sha-256=:…:` in the newer ones.
_LISTS: Final = ("digest", "repr-digest", "content-digest", "x-goog-hash")
_NAMES: Final = frozenset({*_SINGLE, *_LISTS})
_ITEM: Final = re.compile(r"\s*([A-Za-z0-9-]+)=:?([A-Za-z0-9+/]+=*):?\s*")


class Checksums:
    """Every promised checksum of one body, computed as it passes by."""

    __slots__ = ("_running",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        promises = () if _NAMES.isdisjoint(headers) else _promises(headers)  # as with most bodies
        self._running = [(name, _MAKERS[name](), value) for name, value in promises]

    def update(self, data: bytes) -> None:
        """The next bytes of the body."""
        for _, digest, _ in self._running:
            digest.update(data)

    def broken(self) -> str:
        """The name of a checksum that the whole body does not have, or ""."""
        return next((name for name, sum_, value in self._running if sum_.digest() != value), "")


def _promises(headers: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """(algorithm, digest) of every promise that can be read and checked; others are no promise."""
    for name, text in _written(headers):
        value = _decoded(text)
        # A digest of another length is one of parts (`…-3`): it says nothing of the whole.
        if name in _MAKERS and len(value) == _MAKERS[name]().digest_size:
            yield name, value


def _written(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    composite = headers.get("x-amz-checksum-type", "").upper() == "COMPOSITE"
    for header, name in _SINGLE.items():
        if header in headers and not (composite and header.startswith("x-amz-")):
            yield name, headers[header].strip()
    for header in _LISTS:
        for item in headers.get(header, "").split(","):
            if found := _ITEM.fullmatch(item):
                yield found[1].lower(), found[2]


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
