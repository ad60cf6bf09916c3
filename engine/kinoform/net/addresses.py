"""Which URL may be asked for at all: the spelling of it, its port, and every address behind it.

Resolves through an argument and connects to nothing. Knows no key.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

from kinoform.core.classes import dataclass
from kinoform.core.words import short
from kinoform.ports import FetchError

# Host and port to the addresses behind it, the preferred first. Raises OSError.
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
Address: TypeAlias = IPv4Address | IPv6Address

# Others are where SSH, mail and databases answer. 8443 is the usual second port of object stores.
PORTS: Final = frozenset({443, 8443})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LONGEST: Final = 8192
# A URL with these is read differently by different programs, or is two lines in a header.
_FORBIDDEN: Final = r"[\x00-\x1f\x7f\\]"
_ASCII: Final = "".join(chr(code) for code in range(0x21, 0x7F))
_NAME: Final = r"(?!.{254})([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}"
# `2130706433`, `0x7f.1`, `0177.0.0.1`: resolvers read these as addresses, and not all alike.
_NUMERIC: Final = r"(.*\.)?(0x[0-9a-f]*|[0-9]+)"

# What every reader takes apart alike, and most URLs are: a host in plain letters, and what is asked
# of it. With anything else in it, or with nothing behind its `?`, a URL is taken apart at length.
_PLAIN: Final = r"(https?://[a-z0-9.:-]+)(/[!\"$-\[\]-~]*)(?<!\?)"

# Where `is_global` of ipaddress is too kind: relays, retired ranges, documentation, and IPv4 inside
# IPv6 that leads to other places than it says.
_IPV6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart, in the only spelling that is sent. `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme == "https"

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine by its spelling; no name is looked up."""
        return is_loopback(self.host)

    @property
    def site(self) -> str:
        """`host` or `host:port`, as the Host header and messages say it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL again."""
        return f"{self.scheme}://{self.site}{self.target}"


@lru_cache  # a thousand results lie on a few hosts
def is_loopback(host: str) -> bool:
    """Whether a host is `localhost` or an address of the loopback."""
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet, whatever is wrapped into it."""
    literal = _literal(text)
    return literal is not None and _public(literal)


def place(url: str, *, loopback: bool = False) -> Place:
    """The URL taken apart, if its spelling is allowed. Raises FetchError (refused).

    `loopback` also allows this machine, with plain http and any port.
    """
    found = re.fullmatch(_PLAIN, url)
    if found is None or len(url) > _LONGEST:
        return _place(url, loopback=loopback)
    root = _root(found[1], loopback=loopback)
    return Place(root.scheme, root.host, root.port, found[2])


def _place(url: str, *, loopback: bool) -> Place:
    parts, port = _split(url)
    host = (parts.hostname or "").removesuffix(".")
    near = loopback and is_loopback(host)
    _judge_host(host, near=near)
    if parts.scheme != "https" and not (near and parts.scheme == "http"):
        raise _refused("only https is fetched", f"{parts.scheme}://{host}")
    port = port or _DEFAULT_PORTS[parts.scheme]
    if not near and port not in PORTS:
        raise _refused("only the ports 443 and 8443 are fetched from", f"{host}:{port}")
    query = f"?{parts.query}" if parts.query else ""
    return Place(parts.scheme, host, port, f"{parts.path or '/'}{query}")


@lru_cache  # a thousand results lie on a few hosts; which address is behind one is asked each time
def _root(site: str, *, loopback: bool) -> Place:
    return _place(site, loopback=loopback)


async def addresses(spot: Place, resolve: Resolve) -> tuple[str, ...]:
    """The addresses to dial, looked up once and every one checked.

    One bad address among good ones is a name that changes, so all are refused. Raises FetchError
    (refused, or broken where the name is not known).
    """
    literal = _literal(spot.host)
    found = [str(literal)] if literal else await _look_up(spot, resolve)
    right = is_loopback if spot.loopback else is_public
    for address in found:
        if not right(address):
            raise _refused("only public addresses are dialled", f"{spot.host} is {address}")
    return tuple(dict.fromkeys(found))


async def _look_up(spot: Place, resolve: Resolve) -> Sequence[str]:
    try:
        found = await resolve(spot.host, spot.port)
    except (OSError, UnicodeError) as error:
        raise FetchError("broken", f"{spot.host} is not resolved: {plain(str(error))}") from None
    if not found:
        raise FetchError("broken", f"{spot.host} has no address")
    return found


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > _LONGEST or re.search(_FORBIDDEN, url):
        raise _refused("a URL is one line without control characters or backslashes", url)
    try:
        parts = urlsplit(quote(url, safe=_ASCII))
        port = parts.port
    except ValueError:
        raise _refused("this is no URL", url) from None
    if "@" in parts.netloc:
        raise _refused("a URL with a user name in it is not fetched", parts.hostname or "")
    return parts, port


def _judge_host(host: str, *, near: bool) -> None:
    literal = _literal(host)
    if near:
        return
    if literal is None and (re.fullmatch(_NUMERIC, host) or not re.fullmatch(_NAME, host)):
        raise _refused("a host is a name in ASCII or a plain address", host)
    if host == "localhost" or host.endswith(".localhost") or (literal and not _public(literal)):
        raise _refused("only public hosts are fetched from", host)


@lru_cache  # a thousand results lie on a few hosts
def _literal(host: str) -> Address | None:
    """The host as an address, in its one plain spelling; zones (`fe80::1%eth0`) are none."""
    if "%" in host:
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return _public(address.ipv4_mapped)
        if address in _NAT64:  # how networks without IPv4 reach it
            return _public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _IPV6:
            return False
    special = any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not address.is_multicast and not special


def _refused(rule: str, seen: str) -> FetchError:
    """The rule and what was seen, without the query: that of a signed URL is a credential."""
    return FetchError("refused", f"{rule}: {plain(seen.partition('?')[0])}")


def plain(text: str) -> str:
    """What the other side wrote, shortened and fit for a message: no control characters."""
    return short("".join(char if char.isprintable() else " " for char in text))
