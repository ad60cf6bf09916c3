"""Which headers a request may bring along: none that the transport or the key's owner sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Credentials, cookies, framing, and what would lead a proxy or gateway elsewhere.
_OURS: Final = frozenset(
    {
        "accept-encoding", "authorization", "connection", "content-length", "cookie", "expect",
        "forwarded", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
        "user-agent", "via",
    }
)  # fmt: skip
_OUR_PREFIXES: Final = ("proxy-", "x-forwarded-", "x-http-method")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE: Final = re.compile(r"[\x20-\x7e\t]*")


def allowed(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that may be sent, by lower-case name; others are left out.

    Those that are no header at all (line breaks, other control characters) are left out too.
    """
    low = {name.lower(): value.strip() for name, value in headers.items()}
    return {name: value for name, value in low.items() if _may(name) and _VALUE.fullmatch(value)}


def _may(name: str) -> bool:
    known = name in _OURS or name.startswith(_OUR_PREFIXES)
    return not known and _NAME.fullmatch(name) is not None
