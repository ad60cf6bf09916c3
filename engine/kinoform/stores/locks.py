"""One worker per key among all processes of this machine; a waiter is told who holds the key.

The kernel holds the lock, so that it ends with its process. The note beside it is for people only.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from kinoform.stores import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SAFE: Final = re.compile(r"[0-9a-f]{64}")
_POLL: Final = 0.05  # seconds between two tries
_NOTE_LIMIT: Final = 4_096  # bytes of a note that are looked at


class KeyLocks:
    """Locks in one folder, a file per key. The folder is made at first use."""

    def __init__(self, folder: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._folder = folder.absolute()
        self._sleep = sleep
        self._ready = False

    @contextmanager
    def hold(self, key: str, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Hold the key, waiting as long as it takes. Raises EnvError if the folder cannot be used.

        `on_wait` is told who holds it, once per holder; what it raises ends the waiting. A thread
        that holds a key must not ask for it again.
        """
        lock, note = self._open(key)
        told = ""
        while not self._acquired(lock):
            holder = _holder(note)
            if holder != told:
                on_wait(holder)
                told = holder
            self._sleep(_POLL)
        try:
            with suppress(OSError):
                note.write_text(_note(), "utf-8")
            yield
        finally:
            with suppress(OSError):
                note.unlink()
            lock.release()

    def _open(self, key: str) -> tuple[Any, Path]:
        from filelock import FileLock  # noqa: PLC0415  (70 ms that a run without locks saves)

        if not self._ready:
            disk.private_folder(self._folder)
            self._ready = True
        name = key if _SAFE.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()
        path = self._folder / f"{name}.lock"
        # Not bound to the thread: whoever leaves the context may be another one than who entered.
        lock = FileLock(path, mode=disk.PRIVATE_FILE, thread_local=False)
        return lock, path.with_suffix(".held")

    def _acquired(self, lock: Any) -> bool:
        from filelock import Timeout  # noqa: PLC0415  (loaded with the lock)

        with disk.disk_faults(self._folder):
            try:
                lock.acquire(timeout=0)
            except Timeout:  # an OSError too
                return False
        return True


def _note() -> str:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})


def _holder(note: Path) -> str:
    """Who holds it, as far as a note that may be missing, torn or false can tell."""
    with suppress(OSError, ValueError, KeyError, TypeError), note.open("rb") as file:
        told = json.loads(file.read(_NOTE_LIMIT))
        pid, host, since = int(told["pid"]), str(told["host"])[:80], str(told["since"])[:20]
        if (host + since).isprintable():
            return f"process {pid} on {host}, since {since}"
    return "another process"
