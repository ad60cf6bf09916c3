"""Adds bytes and records results, and dies on the way: run by test_stores_crash.

`lines ROOT`: one child per line of the store's code, killed there, each in a folder of its own.
`times ROOT`: children in one folder, each killed after a random time.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinoform.core.types import Blob
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.testing.ledger_suite import make_event, make_result, result_event

if TYPE_CHECKING:
    from collections.abc import Callable

KILLS = 50


def work(root: Path, name: str) -> None:
    """One hosted and one local result, bytes first, then the record."""
    store = LocalStore(root / "store")
    with SqliteLedger(root / "ledger.sqlite") as ledger:
        ledger.append([make_event("started", step=name)])
        for kind in ("hosted", "local"):
            data = f"{name} {kind}".encode() * 2_000
            if kind == "hosted":
                digest = store.add_bytes(data, durable=True)
            else:
                file = store.scratch() / "clip.mp4"
                file.write_bytes(data)
                digest = store.add(file, durable=False)
                file.parent.rmdir()
            blob = Blob(digest, len(data), "video/mp4")
            result = make_result(f"{name} {kind}", step=name, outputs=(blob,), kind=kind)
            ledger.append([result_event(replace(result, manifest={"pad": "x" * 3_000}))])


def killer(after: int) -> Callable[..., Any]:
    """A tracer that kills this process at the given line of the stores' code."""
    seen = 0

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal seen
        if "/kinoform/stores/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            seen += 1
            if seen == after:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def forked(child: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        child()
        os._exit(0)
    return pid


def lines(root: Path) -> None:
    for point in count(1):
        folder = root / str(point)
        folder.mkdir()

        def child(point: int = point, folder: Path = folder) -> None:
            sys.settrace(killer(point))
            work(folder, "a")

        _, status = os.waitpid(forked(child), 0)
        if os.WIFEXITED(status):
            print(point)
            return


def times(root: Path) -> None:
    chance = random.Random(7)
    for number in range(KILLS):

        def child(number: int = number) -> None:
            for i in count():
                work(root, f"{number} {i}")

        pid = forked(child)
        time.sleep(chance.random() * 0.04)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    work(root, "last")


if __name__ == "__main__":
    {"lines": lines, "times": times}[sys.argv[1]](Path(sys.argv[2]))
