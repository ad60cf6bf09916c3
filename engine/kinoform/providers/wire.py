"""JSON bodies with places where bytes of artifacts go in when they are sent.

Knows no provider. The same value gives the same bytes, in the order in which it was built.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.types import Blob
from kinoform.ports import Insert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


_ENCODER: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def blobs(value: Any, path: str = "") -> Iterator[tuple[str, Blob]]:
    """Every blob of a request with its dotted path, in order."""
    if isinstance(value, Blob):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from blobs(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from blobs(each, f"{path}.{number}" if path else str(number))


def placed(value: Any, stand_in: Callable[[Blob], str | Insert]) -> Any:
    """The request with something else in place of every blob."""
    if isinstance(value, Blob):
        return stand_in(value)
    if isinstance(value, dict):
        return {key: placed(each, stand_in) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [placed(each, stand_in) for each in value]
    return value


def body(value: Any) -> tuple[bytes | Insert, ...]:
    """JSON in ASCII without blanks; an `Insert` becomes a text of its own. Raises ValueError on NaN."""
    try:  # nearly every request: no bytes of files in it
        return (_ENCODER.encode(value).encode(),)
    except TypeError:
        return tuple(joined(_pieces(value)))


def joined(parts: Iterable[bytes | Insert]) -> Iterator[bytes | Insert]:
    """The same parts with neighbouring bytes in one."""
    held: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            held.append(part)
            continue
        if held:
            yield b"".join(held)
            held = []
        yield part
    if held:
        yield b"".join(held)


def _pieces(value: Any) -> Iterator[bytes | Insert]:
    if isinstance(value, Insert):
        yield from (b'"', value, b'"')
    elif isinstance(value, dict):
        yield b"{"
        for number, (key, each) in enumerate(value.items()):
            yield b"," * (number > 0) + json.dumps(str(key)).encode() + b":"
            yield from _pieces(each)
        yield b"}"
    elif isinstance(value, list | tuple):
        yield b"["
        for number, each in enumerate(value):
            yield b"," * (number > 0)
            yield from _pieces(each)
        yield b"]"
    else:
        yield json.dumps(value, allow_nan=False).encode()
