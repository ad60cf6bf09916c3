"""A user's line to one provider: where it is, and the key; and which URLs lie on it.

Connects to nothing, and loads no HTTP library.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from kinoform.core.classes import dataclass
from kinoform.core.secret import Secret
from kinoform.net.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Visible ASCII without what programs read differently (`\`), or what ends a path (`#`).
_TAIL: Final = re.compile(r"[!\"$-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Line:
    """Base URL (`https://host[/path]`), key and proxy URL, all from the user's own settings.

    The key goes to the host of `base` and nowhere else. Plain http is for this machine only.
    """

    base: str
    key: Secret
    proxy: str = field(default="", repr=False)  # may hold a password
    provider: str = ""

    @property
    def loopback(self) -> bool:
        """Whether the provider is on this machine, by the spelling of its host."""
        return is_loopback(_parts(self.base).hostname or "")

    @property
    def tls(self) -> bool:
        """Whether the provider is asked over an encrypted connection."""
        return _parts(self.base).scheme == "https"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be masked in everything that comes back."""
        password = unquote(_parts(self.proxy).password or "")
        return tuple(secret for secret in (self.key, Secret(password)) if secret)

    def fault(self) -> str:
        """Why this line cannot be used, without any secret in it, or ""."""
        if not _TAIL.fullmatch(self.key.reveal().replace("#", "").replace("\\", "")):
            return "the key holds a blank, a line break or a letter that no key has"
        return next(_base_faults(self.base), "") or next(_proxy_faults(self.proxy), "")

    def joined(self, url: str) -> str:
        """The absolute URL of a path below base. Raises ValueError if it leads anywhere else."""
        path, mark, query = url.removeprefix("/").partition("?")
        if not _TAIL.fullmatch(url) or is_absolute(url):
            raise ValueError("a path below the provider's base URL is wanted")
        parts = unquote(unquote(path)).split("/")  # some gateways decode once more than others
        if any(part in {".", ".."} or "\\" in part for part in parts) or "" in parts[:-1]:
            raise ValueError("a path may not lead out of the provider's base URL")
        return "/".join(filter(None, (self.base.rstrip("/"), path))) + mark + query


def is_absolute(url: str) -> bool:
    """Whether a URL names its own scheme."""
    return _SCHEME.match(url) is not None


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _base_faults(base: str) -> Iterator[str]:
    parts = _parts(base)
    if not _is_address(parts) or not _TAIL.fullmatch(base):
        yield "the base URL must be https://host or https://host/path"
    elif parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield "the base URL must be https: plain http is for this machine only"
    elif parts.scheme not in ("http", "https"):
        yield "the base URL must be https"
    elif "@" in parts.netloc or parts.query or parts.fragment:
        yield "the base URL must have no user name, query or fragment"
    elif {".", ".."} & set(unquote(parts.path).split("/")):
        yield "the base URL must have no dots as path segments"


def _proxy_faults(proxy: str) -> Iterator[str]:
    parts = _parts(proxy)
    if proxy and (parts.scheme not in ("http", "https") or not _is_address(parts)):
        yield "the proxy must be http://host:port or https://host:port"


def _is_address(parts: SplitResult) -> bool:
    try:
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
