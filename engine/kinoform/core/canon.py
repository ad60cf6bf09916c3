"""Canonical bytes of plain data, and digests of them.

Equal data gives equal bytes: keys sorted, no blanks, UTF-8, integral floats written as integers,
NaN and infinities refused. Keys are digests of these bytes, so this file may not change meaning.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# How an integral float is written, or what looks like one inside a string.
_INTEGRAL = r"[0-9](?:\.0(?:[],}]|$)|e\+)"
_ENDS = frozenset(("0,", "0}", "0]"))  # what may follow the point of one, but at the very end
_text = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


class Written(dict[str, Any]):
    """An object of which somebody has the canonical text already. Whatever is made of it is plain."""

    __slots__ = ("text",)
    text: str

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


def plain(value: Any) -> Any:
    """The value with integral floats as integers (1.0 and 1 are one number), tuples as lists."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """Canonical JSON text. Raises ValueError on NaN, infinities and lone surrogates' kin."""
    text = _text(value)
    # To go through the whole value takes several times as long, and integral floats are rare.
    return _text(plain(value)) if _holds_integral(text) else text


def members(value: Mapping[str, Any]) -> dict[str, str]:
    """By the name of each member of an object, its canonical text: `"name":1`. Raises as `dumps`."""
    texts = {name: _text({name: member})[1:-1] for name, member in value.items()}
    if _holds_integral(",".join(texts.values())):
        return {name: dumps({name: member})[1:-1] for name, member in value.items()}
    return texts


def joined(members: Mapping[str, str]) -> str:
    """The canonical text of the object that has these members."""
    return f"{{{','.join([members[name] for name in sorted(members)])}}}"


def _holds_integral(text: str) -> bool:
    """Whether an integral float is in a text, or something that looks like one."""
    return _is_suspect(text) and re.search(_INTEGRAL, text) is not None


def _is_suspect(text: str) -> bool:
    """Whether an integral float may be in it: by single characters, which are found fastest.

    What is asked of a whole film is a text of a megabyte, which takes the pattern 14 ms.
    """
    if "+" in text and "e+" in text:
        return True
    if "." not in text:
        return False
    parts = text.split(".")
    return parts[-1] == "0" or not _ENDS.isdisjoint([part[:2] for part in parts])


def hexdigest(value: Any) -> str:
    """64 hex digits: the sha256 of the canonical bytes."""
    return sha256(dumps(value).encode()).hexdigest()


def digest_of(data: bytes) -> str:
    """The name of these bytes: `sha256:<64 hex>`."""
    return f"sha256:{sha256(data).hexdigest()}"
