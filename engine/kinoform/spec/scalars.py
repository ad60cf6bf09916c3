"""What a bare word of YAML means: the 1.2 core table, read strictly.

`16:9`, `010`, `NO`, `yes`, `1_000` and dates are text; a number that cannot be held is refused
and never guessed. The same table types the cells of a CSV file.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Scalar: TypeAlias = str | int | float | bool | None

MAX_DIGITS = 300
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FLAGS = {word: value for word, value in _WORDS.items() if value is not None}
# No number begins with a zero that another digit follows: take `010` is a name.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_UNUSABLE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_NUMERIC = frozenset("0123456789+-.")
_OPENERS = _NUMERIC | {
    text[:1] for text in ("", *_FLAGS)
}  # what a cell may begin with that is no text


class NumberError(ValueError):
    """A number that no request could carry; the message is a whole sentence."""


def plain(text: str) -> Scalar:
    """The value of a bare (unquoted) scalar. Raises NumberError."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _UNUSABLE.fullmatch(text):
        raise NumberError("infinity and not-a-number are not values")
    return _number(text)


def cell(text: str) -> Scalar:
    """The value of a CSV cell: none when empty, true or false, a number, else the text itself."""
    if not text:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    if text[0] not in _NUMERIC:
        return text
    try:
        return _number(text)
    except NumberError:
        return text


def cells(column: Sequence[str]) -> Sequence[Scalar]:
    """The values of a column of CSV cells; most columns hold text alone."""
    if _OPENERS.isdisjoint(text[:1] for text in column):
        return column
    return [cell(text) for text in column]


def seconds(value: Scalar) -> float | None:
    """Seconds from a number or a text such as `90s`, `10m`, `2h`; None for anything else."""
    if isinstance(value, str):
        number, unit = value[:-1], value[-1:]
        digits = number.replace(".", "", 1)
        fits = digits.isascii() and digits.isdigit() and unit in _UNITS
        return float(number) * _UNITS[unit] if fits else None
    return float(value) if isinstance(value, int | float) else None


def is_text(text: str) -> bool:
    """Whether a bare scalar of this text is text."""
    try:
        return isinstance(plain(text), str)
    except NumberError:
        return False


def _number(text: str) -> Scalar:
    based = _BASED.fullmatch(text)
    if not based and not _FLOAT.fullmatch(text):
        return text
    if len(text) > MAX_DIGITS:
        raise NumberError(f"a number has at most {MAX_DIGITS} characters")
    if based:
        return int(text, 0)
    if _INT.fullmatch(text):
        return int(text)
    number = float(text)
    if math.isinf(number):
        raise NumberError("this number is too large")
    return number
