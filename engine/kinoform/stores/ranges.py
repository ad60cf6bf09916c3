"""Locks on single bytes of one file: any number of them for one descriptor, freed by the kernel.

The bytes need not be there; what they stand for is the caller's. Linux only: see `AVAILABLE`.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
import weakref
from threading import Lock
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import EnvError, Problem
from kinoform.stores import disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

if sys.platform == "linux":
    import fcntl

    # Bound to the open file, not to the process: another descriptor of ours is refused like anyone
    # else, and closing one lets go of nothing that another holds, as POSIX locks would.
    def set_lock(descriptor: int, start: int, *, hold: bool) -> bool:
        """Lock or free one byte at once; False if somebody else has it. Raises OSError."""
        kind = fcntl.F_WRLCK if hold else fcntl.F_UNLCK
        wanted = struct.pack("hhqqi0q", kind, os.SEEK_SET, start, 1, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                return False
            raise
        return True

    AVAILABLE: Final = True
else:

    def set_lock(descriptor: int, start: int, *, hold: bool) -> bool:
        """There are no such locks here."""
        del descriptor, start, hold
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    AVAILABLE = False

MOST: Final = 1 << 60  # callers lock bytes below this one; those above are for the probe
_NONE: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
_MOVE: Final = "point KINOFORM_HOME to a folder on a local disk"

_open: weakref.WeakSet[ByteRanges] = weakref.WeakSet()


class ByteRanges:
    """The locks that this object holds in the file `path`. Safe to share between threads.

    One byte has one holder among all objects of all processes. Opened at first use, which raises
    EnvError where the disk only pretends to lock. A forked child holds nothing.
    """

    def __init__(self, path: Path, *, lock: Callable[..., bool] = set_lock) -> None:
        self._path = path.absolute()
        self._lock = lock
        self._mutex = Lock()
        self._held: set[int] = set()
        self._descriptor: int | None = None
        self._closing: Callable[[], object] | None = None

    def take(self, start: int) -> bool:
        """Hold this byte; False if somebody has it, be it this object. Raises EnvError."""
        with self._mutex, disk.disk_faults(self._path):
            if start in self._held:
                return False
            descriptor = self._opened()
            if not self._lock(descriptor, start, hold=True):
                return False
            self._held.add(start)
            return True

    def give(self, start: int) -> None:
        """Let go of a byte that is held. Raises KeyError for another one."""
        with self._mutex:
            self._held.remove(start)
            if self._descriptor is not None:
                with disk.disk_faults(self._path):
                    self._lock(self._descriptor, start, hold=False)

    def close(self) -> None:
        """Let go of all. Closing twice is fine; the next use opens the file again."""
        with self._mutex:
            self._held.clear()
            self._descriptor = None
            if self._closing is not None:
                self._closing()

    def _opened(self) -> int:
        descriptor = self._descriptor
        if descriptor is None:
            disk.private_folder(self._path.parent)
            descriptor = self._open()
            try:
                self._probe(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            self._descriptor = descriptor
            self._closing = weakref.finalize(self, os.close, descriptor)
            _open.add(self)
        if not os.fstat(descriptor).st_nlink:
            raise self._broken("the file was removed while it was in use", "run again")
        return descriptor

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(self._path, flags, disk.PRIVATE_FILE)

    def _probe(self, descriptor: int) -> None:
        """Hold a byte and try for it by another way: some network disks let everybody in."""
        start = MOST + int.from_bytes(os.urandom(7), "big")
        other = self._open()
        try:
            both = [self._lock(each, start, hold=True) for each in (descriptor, other)]
            self._lock(descriptor, start, hold=False)
        except OSError as error:
            if error.errno in _NONE:
                raise self._broken(f"it has none: {error.strerror}", _MOVE) from error
            raise
        finally:
            os.close(other)
        if all(both):
            raise self._broken("two got the same one", _MOVE)

    def _broken(self, said: str, hint: str) -> EnvError:
        message = f"the disk's locks do not keep others out: {said}"
        return EnvError(Problem("locks-broken", message, hint=hint, path=str(self._path)))

    def _forget(self) -> None:
        """In a forked child: the parent's open file, and so its locks, must not live on here."""
        self._mutex = Lock()
        self.close()


def _after_fork() -> None:
    for each in list(_open):
        each._forget()  # noqa: SLF001  (a method of this file's own class)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
