"""Results from addresses that a provider named: checked, streamed to disk, hashed on the way.

Knows no key and keeps no cookie; what the bytes are is for others to judge.
"""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from kinoform.net.addresses import Place, place, plain
from kinoform.net.checksums import Checksums
from kinoform.net.link import PATIENT, WORLD, Effects, Link, Patience
from kinoform.net.spool import Spool
from kinoform.ports import Fetched, FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REDIRECTS: Final = 3
PAUSES: Final = (0.5, 2.0)  # seconds before the second and the third attempt
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({403, 404, 410})
_OK: Final = 200


class Downloader:
    """Plain GETs over a few connections that are kept and used again.

    httpx would do, at some 2 ms of CPU a request, and it would look the host up a second time after
    the check. `loopback` allows this machine as a source (a local provider serves its results so).
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        effects: Effects = WORLD,
        patience: Patience = PATIENT,
        at_once: int = 16,
    ) -> None:
        self._loopback = loopback
        self._effects = effects
        self._patience = patience
        self._at_once = at_once
        self._gate = asyncio.Semaphore(at_once)
        self._idle: list[Link] = []
        self._threads = ThreadPoolExecutor(at_once)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """Write the body to `path`, `most` bytes at most; it is begun anew after a broken attempt.

        One of no more than `held` bytes is not written, but given as `data`.

        `path` lies in a folder of the caller's own; what stands there is overwritten, and after a
        fault it holds no more than part of the body. Raises FetchError for faults of the network,
        and OSError of the disk as it is: another attempt would not help.
        """
        for pause in PAUSES:
            try:
                return await self._attempt(url, path, most, held)
            except FetchError as error:
                if error.kind != "broken":
                    raise
            await self._effects.sleep(pause)
        return await self._attempt(url, path, most, held)

    async def close(self) -> None:
        """Let go of every connection."""
        for link in self._idle:
            link.drop()
        self._idle.clear()
        self._threads.shutdown(wait=False)
        await asyncio.sleep(0)  # the loop closes an aborted transport at its next turn

    async def _attempt(self, url: str, path: Path, most: int, held: int) -> Fetched:
        async with self._gate:
            link, status, headers = await self._arrive(place(url, loopback=self._loopback))
            with link:
                _judge(link.place, status, headers, most)
                spool = Spool(path, self._threads, held)
                return await self._take(link, headers, spool, most)

    async def _arrive(self, spot: Place) -> tuple[Link, int, dict[str, str]]:
        """The first answer that is no redirect, each hop judged anew."""
        for _ in range(REDIRECTS + 1):
            link, status, headers = await self._get(spot)
            if status not in _MOVED:
                return link, status, headers
            link.drop()
            spot = _moved(spot, headers)
        raise FetchError("refused", f"more than {REDIRECTS} redirects, the last to {spot.site}")

    async def _get(self, spot: Place) -> tuple[Link, int, dict[str, str]]:
        while (link := self._kept(spot)) is not None:
            try:
                return link, *await link.ask("GET", {})
            except FetchError:
                continue  # it was closed while it lay idle; a GET may be sent again
        link = await Link.open(spot, self._effects, self._patience)
        return link, *await link.ask("GET", {})

    def _kept(self, spot: Place) -> Link | None:
        """An idle connection to that host; the address behind it was checked when it was dialled."""
        for index, link in enumerate(self._idle):
            there = link.place
            if (there.scheme, there.host, there.port) == (spot.scheme, spot.host, spot.port):
                del self._idle[index]
                link.place = spot
                return link
        return None

    async def _take(
        self, link: Link, headers: Mapping[str, str], spool: Spool, most: int
    ) -> Fetched:
        try:
            body = await _stream(link, Checksums(headers), spool, most)
        finally:
            spool.close()
        if link.again():
            self._idle.append(link)
        else:
            link.drop()
        if len(self._idle) > self._at_once:
            self._idle.pop(0).drop()
        return body


def _judge(spot: Place, status: int, headers: Mapping[str, str], most: int) -> None:
    """Raise FetchError unless this answer's body may be read."""
    if status in _GONE:
        raise FetchError("gone", f"{spot.site} answers {status}")
    if status != _OK:
        raise FetchError("broken", f"{spot.site} answers {status}")
    if (coding := headers.get("content-encoding", "identity").lower()) not in ("identity", ""):
        raise FetchError("refused", f"{spot.site} sends it compressed, unasked: {plain(coding)}")
    size = int(headers.get("content-length", "0"))
    if size > most:
        raise FetchError("refused", f"{spot.site} sends {size} bytes, at most {most} are taken")


def _moved(spot: Place, headers: Mapping[str, str]) -> Place:
    """Where a redirect leads, judged like the first URL; only this machine leads to this machine."""
    location = headers.get("location", "")
    if not location:
        raise FetchError("broken", f"{spot.site} redirects to nowhere")
    try:
        aim = urljoin(spot.url, location)
    except ValueError:
        raise FetchError("refused", f"{spot.site} redirects to what is no URL") from None
    return place(aim, loopback=spot.loopback)


async def _stream(link: Link, sums: Checksums, spool: Spool, most: int) -> Fetched:
    digest, size = hashlib.sha256(), 0
    while data := await link.chunk():
        size += len(data)
        if size > most:
            raise FetchError("refused", f"{link.place.site} sends more than {most} bytes")
        digest.update(data)
        sums.update(data)
        await spool.write(data)
    if name := sums.broken():
        raise FetchError("broken", f"{link.place.site}: the bytes do not have their {name} sum")
    return Fetched(spool.path, f"sha256:{digest.hexdigest()}", size, await spool.end())
