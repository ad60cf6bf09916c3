"""A thousand results of 20 KB from one loopback server: the lean downloader beside httpx.

Both write to disk and hash on the way, 16 at a time. The server is another process, so that its work
is counted for neither.
"""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

import httpx

from kinoform.net.download import Downloader

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

COUNT, SIZE, AT_ONCE, TURNS = 1_000, 20_000, 16, 3
SERVER = f"""
import asyncio, os
BODY = os.urandom({SIZE})
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: {SIZE}\\r\\nContent-Type: image/jpeg\\r\\n\\r\\n" + BODY
async def serve(reader, writer):
    try:
        while True:
            await reader.readuntil(b"\\r\\n\\r\\n")
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


async def _lean(base: str, folder: Path) -> None:
    downloads = Downloader(loopback=True, at_once=AT_ONCE)
    await asyncio.gather(
        *(downloads.fetch(f"{base}/{n}", folder / f"l{n}", 10 * SIZE) for n in range(COUNT))
    )
    await downloads.close()


async def _httpx(base: str, folder: Path) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE)

    async def fetch(client: httpx.AsyncClient, number: int) -> None:
        digest = hashlib.sha256()
        async with gate, client.stream("GET", f"{base}/{number}") as response:
            with (folder / f"h{number}").open("wb") as file:
                async for data in response.aiter_raw():
                    digest.update(data)
                    file.write(data)

    async with httpx.AsyncClient(trust_env=False, limits=limits) as client:
        await asyncio.gather(*(fetch(client, number) for number in range(COUNT)))


def _seconds(
    work: Callable[[str, Path], Awaitable[None]], base: str, folder: Path
) -> tuple[float, float]:
    """Wall and CPU seconds of this process."""

    async def run() -> None:
        await work(base, folder)

    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(run())
    return time.perf_counter() - wall, time.process_time() - cpu


def test_a_thousand_small_downloads_beside_httpx(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", SERVER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        base = f"http://127.0.0.1:{int(server.stdout.readline())}"
        pairs = [
            (_seconds(_lean, base, tmp_path), _seconds(_httpx, base, tmp_path))
            for _ in range(TURNS)
        ]
        server.terminate()
    rows = {"lean": [lean for lean, _ in pairs], "httpx": [peer for _, peer in pairs]}
    print()
    for name, turns in rows.items():
        wall, cpu = median(w for w, _ in turns), median(c for _, c in turns)
        print(f"  {name:6} {COUNT / wall:7.0f} downloads/s  {cpu / COUNT * 1000:6.2f} ms CPU each")
    ratio = median(peer[1] / lean[1] for lean, peer in pairs)
    print(f"  httpx takes {ratio:.1f} x the CPU")
