"""Where a key may be sent at all: rules for the address of a provider and of a proxy.

Looks at the spelling alone; resolves and connects to nothing. Messages never repeat an address,
because it may hold a password.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from kinoform.net.addresses import is_loopback

# Blanks and line ends, which urlsplit drops without a word, and what browsers read as a slash.
_PLAIN: Final = r"[!-\[\]-~]+"
_HOST: Final = r"[a-z0-9._-]+|[0-9a-f:.]+"


def base_fault(url: str) -> str:
    """What is wrong with the address of a provider, as the end of a sentence; "" if nothing."""
    parts = _parts(url)
    if isinstance(parts, str):
        return parts
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password"
    if "?" in url or "#" in url:
        return "holds a query or a fragment"
    if {".", ".."} & set(unquote(parts.path).split("/")):
        return "holds dots as parts of its path"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return ""
    return "is not https (http is for 127.0.0.1, ::1 and localhost alone)"


def proxy_fault(url: str) -> str:
    """What is wrong with the address of a proxy; it may hold a user name and a password."""
    parts = _parts(url)
    if isinstance(parts, str):
        return parts
    if parts.scheme not in ("http", "https"):
        return "does not begin with http:// or https://"
    extra = parts.path.strip("/") or "?" in url or "#" in url
    return "holds more than a host and a port" if extra else ""


def is_near(url: str) -> bool:
    """Whether a sound address is on this machine, where no proxy belongs."""
    return is_loopback(urlsplit(url).hostname or "")


def _parts(url: str) -> SplitResult | str:
    if not re.fullmatch(_PLAIN, url):
        return "holds a blank, a backslash or a character that is not plain ASCII"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no address"
    if not parts.hostname or not re.fullmatch(_HOST, parts.hostname) or port == 0:
        return "names no host"
    return parts
