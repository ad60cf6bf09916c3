"""A net under these tests: no name is looked up and no address dialled but this machine's."""

from __future__ import annotations

import sys
from ipaddress import ip_address


def _is_here(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    if text in (None, "", "localhost"):
        return True
    try:
        return ip_address(str(text)).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[object, ...]) -> None:
    """For the life of the process: a test that reaches out is a mistake in any folder."""
    if event == "socket.getaddrinfo" and not _is_here(args[0]):
        raise RuntimeError(f"a test looked up {args[0]!r}")
    if event == "socket.connect" and isinstance(args[1], tuple) and not _is_here(args[1][0]):
        raise RuntimeError(f"a test dialled {args[1]!r}")


sys.addaudithook(_watch)
