"""A value that must not be shown, and the masking of text that may quote it.

Knows nothing of where a secret comes from or where it is sent.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN: Final = "***"
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
# What is left of a short secret inside other base64 is a few letters: common words would be masked.
_LEAST_CORE: Final = 6
_LEAST: Final = 4  # a shorter one is no secret, and masking it would garble every text


class Secret:
    """A key or token. Printed, formatted or logged it is `***`; only `reveal` says it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self), _bytes(other))  # takes as long for a near miss

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        """A pickle is bytes on a disk or in a pipe, where no secret belongs."""
        raise TypeError("a secret is not pickled or copied")


def masked(data: bytes, secrets: Iterable[Secret]) -> bytes:
    """`data` with `***` for every secret: plain, in base64, URL-encoded or as a JSON string.

    Secrets of less than four characters are let stand: they would be found in any text.
    """
    for needle in _needles(tuple(secrets)):
        data = data.replace(needle, HIDDEN.encode())
    return data


def masked_text(text: str, secrets: Iterable[Secret]) -> str:
    """The same for text."""
    for needle in _needles(tuple(secrets)):
        text = text.replace(needle.decode("utf-8", "surrogateescape"), HIDDEN)
    return text


@lru_cache(maxsize=16)
def _needles(secrets: tuple[Secret, ...]) -> tuple[bytes, ...]:
    """Every form of every secret, the longest first: none is left half masked by a part of it."""
    long = [secret for secret in secrets if len(secret.reveal()) >= _LEAST]
    found = {form for secret in long for form in _forms(secret)}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def _forms(secret: Secret) -> set[bytes]:
    value = _bytes(secret)
    whole = b64encode(value)
    shifted = (_core(value, before) for before in range(3))
    texts = [whole, whole.rstrip(b"="), *(core for core in shifted if len(core) >= _LEAST_CORE)]
    coded = {form for text in texts for form in (text, text.translate(_URL_SAFE), _percent(text))}
    quoted = {json.dumps(secret.reveal(), ensure_ascii=plain)[1:-1] for plain in (True, False)}
    escaped = {text.encode("utf-8", "surrogateescape") for text in quoted}
    return {value, *escaped, quote_plus(value).encode(), *_cases(_percent(value)), *coded}


def _core(value: bytes, before: int) -> bytes:
    """Of the base64 of a longer text: the letters that follow from `value` alone.

    Base64 codes three bytes at a time, so these depend on how many bytes stand `before` it.
    """
    first = -(-before * 8 // 6)
    return b64encode(bytes(before) + value)[first : (before + len(value)) * 8 // 6]


def _percent(value: bytes) -> bytes:
    return quote(value, safe="").encode()


def _cases(percent: bytes) -> set[bytes]:
    """Escapes are written `%2F` or `%2f`."""
    head, *rest = percent.split(b"%")
    return {percent, b"%".join([head, *(part[:2].lower() + part[2:] for part in rest)])}


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogateescape")
