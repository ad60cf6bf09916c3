"""Connections through the user's proxy, to the very address that was checked."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from kinoform.net.link import Dial, Wire, tls_context

if TYPE_CHECKING:
    from kinoform.net.addresses import Place


def through(proxy: str, direct: Dial) -> Dial:
    """A Dial that asks this proxy (`http://[user:password@]host:port`) for a tunnel.

    This machine is dialled directly. Names are still resolved here: the proxy is given an address,
    so that it cannot be led into its own network.
    """
    parts = urlsplit(proxy)

    async def dial(place: Place, address: str) -> Wire:
        if place.loopback:
            return await direct(place, address)
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port or 80, ssl=tls_context() if parts.scheme == "https" else None
        )
        try:
            writer.write(_asking(parts, address, place.port))
            await _granted(reader)
            if place.tls:
                await writer.start_tls(tls_context(), server_hostname=place.host)
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer

    return dial


def _asking(proxy: SplitResult, address: str, port: int) -> bytes:
    site = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    lines = [f"CONNECT {site} HTTP/1.1", f"Host: {site}"]
    if proxy.username is not None:
        user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {b64encode(user.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()


async def _granted(reader: asyncio.StreamReader) -> None:
    """Read the proxy's answer. Raises OSError unless it opened the tunnel."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise ConnectionError("the proxy gave no answer") from None
    _, _, rest = head.partition(b" ")
    if not rest.startswith(b"2"):
        raise ConnectionError(f"the proxy answers {rest[:3].decode('ascii', 'replace')}")
