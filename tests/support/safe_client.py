"""The bare client, and what paid work cannot do without: the floor under row g.

What is about to be bought is on disk before it is asked for, and what was answered after it, an array in one
transaction. Of what one poll told of, all pictures are looked at, synced, given their names in a store, shown in
`out/` and then recorded, by a second process. No graph, no plan, no budget, no key, no second run. Run
as `python safe_client.py BASE COUNT FOLDER KEY`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bare_client import Client, Item

if TYPE_CHECKING:
    from collections.abc import Iterable

_SYNCS = 4  # at once: a disk writes many down in the time of one
_LATER = 0.7  # seconds, as in a run
_TABLES = """\
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE event (seq INTEGER PRIMARY KEY, task TEXT, kind TEXT, data TEXT);
"""


class SafeClient(Client):
    """One run of so many pictures, each of which survives a crash at any moment."""

    def __init__(self, base: str, folder: Path, key: str) -> None:
        super().__init__(base, folder, key)
        for name in ("store", "out"):
            (folder / name).mkdir()
        self._ledger = sqlite3.connect(
            folder / "ledger.sqlite", isolation_level=None, check_same_thread=False
        )
        self._ledger.executescript(_TABLES)
        self._scribe, self._keeper = ThreadPoolExecutor(1), ProcessPoolExecutor(1)
        self._keeper.submit(_get_ready)

    def close(self) -> None:
        """Let the second process go: it would outlive this one."""
        self._keeper.shutdown()

    async def submit(self, tasks: list[Item]) -> None:
        """Intents, the array, and what was answered."""
        await self._record("intent", {task["taskUUID"]: task for task in tasks})
        answer = await self.post(tasks)
        await self._record("accepted", {item["taskUUID"]: item for item in answer["data"]})

    async def take(self, made: list[Item]) -> None:
        """Bytes into the store before there is a result."""
        names, datas = [item["taskUUID"] for item in made], await self.fetched(made)
        work = asyncio.get_running_loop().run_in_executor
        digests = await work(self._keeper, keep, self.folder, dict(zip(names, datas, strict=True)))
        await self._record("result", dict(zip(names, digests, strict=True)))

    async def _record(self, kind: str, told: dict[str, Any]) -> None:
        rows = [(task, kind, json.dumps(data)) for task, data in told.items()]
        if rows:
            await asyncio.get_running_loop().run_in_executor(self._scribe, self._write, rows)

    def _write(self, rows: Iterable[tuple[str, str, str]]) -> None:
        self._ledger.execute("BEGIN IMMEDIATE")
        self._ledger.executemany("INSERT INTO event (task, kind, data) VALUES (?, ?, ?)", rows)
        self._ledger.execute("COMMIT")


def keep(folder: Path, datas: dict[str, bytes]) -> list[str]:
    """Digests of these pictures, once each is whole, in the store for good and seen in `out/`."""
    new = {name: folder / "store" / f"{name}.new" for name in datas}
    for name, path in new.items():
        _look_at(datas[name])
        path.write_bytes(datas[name])
    with ThreadPoolExecutor(_SYNCS) as threads:
        list(threads.map(_sync, new.values()))
    digests = [sha256(data).hexdigest() for data in datas.values()]
    for path, digest in zip(new.values(), digests, strict=True):
        path.replace(folder / "store" / digest)
    _sync(folder / "store")
    for name, data in datas.items():
        (folder / "out" / name).write_bytes(data)
    return digests


def _look_at(data: bytes) -> None:
    """As a run does it, which takes a fifth of what it takes to decode an eighth of the pixels."""
    from kinoform.ops.verify import verify  # noqa: PLC0415  (in the second process alone, while the first begins to buy)

    verify(data, "image/jpeg")


def _get_ready() -> None:
    """Load what looks at pictures, once the submits need the processors no more."""
    time.sleep(_LATER)
    import_module("kinoform.ops.verify")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    where, wanted, kept, secret = sys.argv[1:]
    client = SafeClient(where, Path(kept), secret)
    asyncio.run(client.run(int(wanted)))
    client.close()
