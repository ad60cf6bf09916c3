"""Calls back to whoever asked for it, on this machine only. Knows no provider.

A handful of lines over a socket instead of a client library: one request, and only its status counts.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 5.0  # seconds for one call, as receivers are told
_OK = range(200, 300)


def loopback(url: str) -> tuple[str, int, str] | None:
    """Address, port and path of an http URL on this machine; None for every other one.

    Names are not resolved: only `localhost` and literal addresses are known.
    """
    try:
        seen = urlsplit(url)
        host, port = seen.hostname or "", seen.port or 80
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return None
    if seen.scheme != "http" or not address.is_loopback:
        return None
    path = (seen.path or "/") + (f"?{seen.query}" if seen.query else "")
    return str(address), port, path


async def post(url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> bool:
    """Send it; whether the receiver took it in time. False for a URL that is not of this machine."""
    place = loopback(url)
    if place is None:
        return False
    try:
        status = await asyncio.wait_for(_send(method, place, body, headers), PATIENCE)
    except (OSError, TimeoutError, ValueError, IndexError):
        return False
    return status in _OK


async def _send(
    method: str, place: tuple[str, int, str], body: bytes, headers: Mapping[str, str]
) -> int:
    host, port, path = place
    shown = f"[{host}]" if ":" in host else host
    every = {
        "Host": f"{shown}:{port}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {text}\r\n" for name, text in every.items())
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await writer.drain()
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
