"""One worker per key among all processes of this machine; a waiter is told who holds the key.

The kernel holds the lock, so that it ends with its process. The notes beside it are for people only.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

from kinoform.stores import disk, ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SAFE: Final = r"[0-9a-f]{64}"
_POLL: Final = 0.05  # seconds between two tries
_CELLS, _CELL = 1 << 15, 128  # notes in the file, bytes of each
_READ_WRITE: Final = (
    os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
)


class Latches(Protocol):
    """Where the locks are: one for each name of 64 hex digits."""

    def take(self, name: str) -> bool:
        """Hold it; False if somebody has it, be it this process. Raises EnvError."""

    def give(self, name: str) -> None:
        """Let go of one that is held."""


class KeyLocks:
    """Locks of keys in one folder, which is made at first use. Safe to share between threads.

    `latches` may be one of the two kinds below; by default the better one that the system has.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sleep: Callable[[float], None] = time.sleep,
        latches: Latches | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._sleep = sleep
        self._notes = Notes(self._folder / "holders")
        kind = OneFile if ranges.AVAILABLE else FilePerKey
        self._latches = latches or kind(self._folder)

    @contextmanager
    def hold(self, key: str, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Hold the key, waiting as long as it takes. Raises EnvError if the folder cannot be used.

        `on_wait` is told who holds it, once per holder; what it raises ends the waiting. Who holds a
        key must not ask for it again; another thread than the one that entered may leave.
        """
        name = key if re.fullmatch(_SAFE, key) else hashlib.sha256(key.encode()).hexdigest()
        told = ""
        while not self._latches.take(name):
            holder = self._notes.read(name)
            if holder != told:
                on_wait(holder)
                told = holder
            self._sleep(_POLL)
        try:
            self._notes.write(name)
            yield
        finally:
            self._latches.give(name)


class OneFile:
    """A byte of one file for each key: 10,000 keys take one descriptor.

    The byte is told by 60 bits of the key. Two keys of the same byte would exclude each other, which
    costs a wait.
    """

    def __init__(self, folder: Path, *, lock: Callable[..., bool] = ranges.set_lock) -> None:
        self._bytes = ranges.ByteRanges(folder / "keys.lock", lock=lock)

    def take(self, name: str) -> bool:
        """Hold it; False if somebody has it. Raises EnvError."""
        return self._bytes.take(int(name[:15], 16))

    def give(self, name: str) -> None:
        """Let go of it."""
        self._bytes.give(int(name[:15], 16))


class FilePerKey:
    """A file and a descriptor for each key, where the system has no better locks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._mutex = Lock()
        self._held: dict[str, Any] = {}

    def take(self, name: str) -> bool:
        """Hold it; False if somebody has it. Raises EnvError."""
        from filelock import FileLock, Timeout  # noqa: PLC0415  (70 ms that others save)

        with self._mutex, disk.disk_faults(self._folder):
            if name in self._held:
                return False
            disk.private_folder(self._folder)
            # Not bound to the thread: whoever lets go may be another one than who took it.
            lock = FileLock(
                self._folder / f"{name}.lock", mode=disk.PRIVATE_FILE, thread_local=False
            )
            try:
                lock.acquire(timeout=0)
            except Timeout:  # an OSError too
                return False
            self._held[name] = lock
            return True

    def give(self, name: str) -> None:
        """Let go of it."""
        with self._mutex:
            self._held.pop(name).release()


class Notes:
    """Who holds what: a cell for each name in one file, which later holders overwrite.

    Not a file for each name: making 10,000 of them costs seconds on a busy disk. Two names may share
    a cell (there are 32,768), and then the first is held by "another process".
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, name: str) -> None:
        """Note that this process holds the name, since now; as far as the disk lets it."""
        import socket  # noqa: PLC0415  (3 ms, and a plan holds nothing)

        since = time.strftime("%Y-%m-%d %H:%M:%S")
        told = f"{name[:16]}|{os.getpid()}|{socket.gethostname()[:60]}|{since}\n"
        with suppress(OSError), self._at(name) as descriptor:
            os.write(descriptor, told.encode()[:_CELL].ljust(_CELL, b"\0"))

    def read(self, name: str) -> str:
        """Who holds it, as far as a note that may be missing, torn or false can tell."""
        with suppress(OSError, ValueError), self._at(name) as descriptor:
            whose, pid, host, since = os.read(descriptor, _CELL).decode().split("\n")[0].split("|")
            if whose == name[:16] and pid.isdecimal() and (host + since).isprintable():
                return f"process {pid} on {host}, since {since}"
        return "another process"

    @contextmanager
    def _at(self, name: str) -> Iterator[int]:
        descriptor = os.open(self._path, _READ_WRITE, disk.PRIVATE_FILE)
        try:
            os.lseek(descriptor, int(name[:15], 16) % _CELLS * _CELL, os.SEEK_SET)
            yield descriptor
        finally:
            os.close(descriptor)
