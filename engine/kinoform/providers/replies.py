"""Reading what a provider answered: any bytes may come, and none of them raises anything here.

Knows no provider: shapes of JSON, texts that may be shown, and names that may be kept.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.words import short

if TYPE_CHECKING:
    from kinoform.ports import Reply

_SAID: Final = 200  # characters of a provider's sentence that are kept
_READ: Final = 4000  # characters of it that are looked at
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,127}")
_ADDRESS: Final = re.compile(r"https?://[!-~]{1,4000}")
_MOST: Final = Decimal(1_000_000)  # USD: no single result costs as much
_INT64: Final = 2**63
_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda _name: None)
OK: Final = 200
_REDIRECT: Final = 300


def read(reply: Reply) -> Any:
    """The JSON of a body, with decimals kept exact; None when it is none."""
    if reply.value is not None:
        return reply.value
    try:
        told = reply.body.decode(json.detect_encoding(reply.body), "surrogatepass")
        return _DECODER.decode(told)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def fine(reply: Reply) -> bool:
    """Whether the status says that the call succeeded."""
    return not reply.fault and OK <= reply.status < _REDIRECT


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The mappings of a list; nothing of anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def said(value: Any) -> str:
    """Untrusted text as it may be shown: one short line without control characters."""
    if not isinstance(value, str):
        return ""
    clean = "".join(c if c.isprintable() else " " for c in value[:_READ])
    return short(clean, _SAID)


def name_of(value: Any) -> str:
    """An id that may be kept and sent back; empty when it is none."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def address(value: Any) -> str:
    """An address of a result or an upload; empty when it is none."""
    return value if isinstance(value, str) and _ADDRESS.fullmatch(value) else ""


def whole(value: Any) -> int | None:
    """An integer that fits 64 bits, else None."""
    ok = isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64
    return value if ok else None


def dollars(value: Any) -> Decimal | None:
    """An amount of USD that can be one, else None."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    return amount if amount.is_finite() and 0 <= amount < _MOST else None
