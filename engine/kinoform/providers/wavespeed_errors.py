"""What WaveSpeed's statuses and codes mean for the money, as tables.

Knows no stage of a task.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kinoform.ports import Fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# HTTP status (or the envelope's code) -> kind in `core.remedies`: the request was refused, and
# nothing was accepted. Every other status of a submit proves nothing.
REFUSED: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "bad-input", 401: "auth", 402: "quota", 403: "auth", 404: "bad-input",
        405: "bad-input", 413: "bad-input", 414: "bad-input", 415: "bad-input", 422: "bad-input",
        429: "rate",
    }
)  # fmt: skip
# `data.code` of a task that was accepted and failed.
FAILED: Final[Mapping[int, str]] = MappingProxyType(
    {
        1200: "moderation", 1400: "bad-input", 1401: "bad-input", 1402: "stale-input",
        1403: "broken", 1405: "broken", 5000: "broken", 5003: "broken", 5004: "broken",
    }
)  # fmt: skip
OVER: Final = ("failed", "cancelled", "timeout", "deleted")
_BALANCE: Final = ("balance", "credit", "top up", "top-up", "insufficient fund", "payment")
# Of a refused submit only these: other words name parameters, too.
_FILTERED: Final = ("moderation", "content policy", "content filter", "nsfw", "flagged")
_MODERATION: Final = (*_FILTERED, "sensitive", "safety", "prohibited")
_SERVER: Final = 500


def refused(status: int, message: str, path: str = "", cause: int = 0) -> Fail | None:
    """The refusal that a status is; None where it proves nothing.

    `cause` is the code of what failed, as tasks have it, where the answer tells one.
    """
    kind = REFUSED.get(status)
    if kind is None:
        return None
    if kind == "auth" and _mentions(message, _BALANCE):
        kind = "quota"
    filtered = FAILED.get(cause) == "moderation" or _mentions(message, _FILTERED)
    if kind == "bad-input" and filtered:
        kind = "moderation"
    return Fail(kind, message or f"HTTP status {status}", path, str(cause or status))


def failed(code: int, message: str, brought: str, inputs: Sequence[str]) -> Fail:
    """The end of a task that was accepted.

    `brought` says how its inputs got there: `earlier` (remembered from another attempt), `now`, or
    empty where none was brought; `inputs` are their paths.
    """
    kind = FAILED.get(code) or ("moderation" if _mentions(message, _MODERATION) else "broken")
    field = ", ".join(inputs) if kind == "stale-input" else ""
    if kind == "stale-input":
        # What was brought there a moment ago is not stale: the fault is theirs, and not the file's.
        kind = {"earlier": "stale-input", "now": "broken"}.get(brought, "bad-input")
    # What failed is refunded, they say; whether that holds for what a filter stopped, they do not.
    cost = None if kind == "moderation" else Decimal(0)
    why, name = message or "the provider gave no reason", str(code) if code else ""
    return Fail(kind, why, field, name, cost)


def _mentions(message: str, words: Sequence[str]) -> bool:
    return any(word in message.lower() for word in words)
