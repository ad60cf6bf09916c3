"""Digests of files, remembered by what the file system says of them, so that none is read twice.

Knows an index that may forget or lie by accident; a remembered digest is never a proof of bytes.
"""

from __future__ import annotations

import os
import re
import stat
import time
from errno import EINVAL
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from kinoform.core.classes import dataclass
from kinoform.stores.answers import FILE
from kinoform.stores.disk import sha256_of
from kinoform.stores.looks import looked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

    from kinoform.ports import Index

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_ENDS: Final = len(f'sha256:{"0" * 64}"]')  # how a fact ends: the digest and two marks
_BATCH: Final = 512  # facts written to the index at once

# Within one tick of the file system's clock a second write may leave every stamp as it was: what
# changed so lately is not remembered (git calls such entries racily clean). Ticks are at most 10 ms;
# a file system that stamps whole seconds needs two of them.
_TICK: Final = 20_000_000
_COARSE: Final = 2_000_000_000
_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Hashed:
    """The name of a file's bytes, and how many there are."""

    digest: str
    size: int


class _Read(NamedTuple):
    """What came of reading a file; no status where nothing may be remembered."""

    hashed: Hashed
    status: os.stat_result | None


class FileDigests:
    """Digests of files by (path, size, times, inode). Use as a context, or call `flush` at the end.

    `now` gives nanoseconds since the epoch.
    """

    def __init__(self, index: Index, *, now: Callable[[], int] = time.time_ns) -> None:
        self._index = index
        self._now = now
        self._fresh: dict[str, str] = {}

    def digest(self, path: Path | str, status: os.stat_result | None = None) -> Hashed:
        """The digest and size of a regular file (links are followed). Raises OSError.

        A text is an absolute path. `status` is what the file system says of it, for who has asked already.
        """
        name = path if isinstance(path, str) else str(path.absolute())
        known = self._known(name, status or os.stat(name)) or self._learn(name, self._read(name))
        looked(name, FILE, known.digest)
        return known

    def knows(self, path: str, status: os.stat_result) -> bool:
        """Whether nothing has to be read for the digest of a file that is in this state."""
        return self._known(path, status) is not None

    def ahead(self, paths: Iterable[Path | str]) -> None:
        """Read what is going to be asked for, as many files at a time as there are processors.

        What cannot be read is left to who asks for it.
        """
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (brings logging along)

        names = [str(path) for path in paths]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, read in zip(names, pool.map(self._tried, names), strict=True):
                if read is not None:
                    self._learn(name, read)

    def forget(self, path: str) -> None:
        """Drop what was learned of a file that is going to be another one, so that it is not kept."""
        self._fresh.pop(f"file:{path}", None)

    def flush(self) -> None:
        """Hand what was learned to the index."""
        fresh, self._fresh = self._fresh, {}
        if fresh:
            self._index.put(fresh)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()

    def _remembered(self, name: str) -> str | None:
        key = f"file:{name}"
        return self._fresh.get(key) or self._index.get(key)

    def _known(self, name: str, status: os.stat_result) -> Hashed | None:
        text = self._remembered(name)
        digest = text[-_ENDS:-2] if text else ""
        if text != _fact(status, digest) or not _DIGEST.fullmatch(digest):
            return None
        return Hashed(digest, status.st_size)

    def _learn(self, name: str, read: _Read) -> Hashed:
        if read.status:
            self._fresh[f"file:{name}"] = _fact(read.status, read.hashed.digest)
            if len(self._fresh) >= _BATCH:
                self.flush()
        return read.hashed

    def _tried(self, name: str) -> _Read | None:
        try:
            return self._read(name)
        except OSError:
            return None

    def _read(self, name: str) -> _Read:
        now = self._now()
        flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(name, flags)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise OSError(EINVAL, "not a regular file", name)
            digest = f"sha256:{sha256_of(descriptor)}"
            size = os.lseek(descriptor, 0, os.SEEK_CUR)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        same = _fact(before, digest) == _fact(after, digest)
        still = same and size == before.st_size and not _racy(before, now)
        return _Read(Hashed(digest, size), before if still else None)


def _fact(s: os.stat_result, digest: str) -> str:
    """What is remembered of a file: size, times of change in ns, inode, device, and its digest.

    The same fact is the same text.
    """
    return f'[{s.st_size}, {s.st_mtime_ns}, {s.st_ctime_ns}, {s.st_ino}, {s.st_dev}, "{digest}"]'


def _racy(status: os.stat_result, now: int) -> bool:
    """Whether a write right after `now` could leave the stamp as it is.

    The change time decides, since a program can set the other one; a time to come is racy too.
    """
    changed = status.st_ctime_ns if os.name == "posix" else status.st_mtime_ns
    return now - changed < (_TICK if changed % _SECOND else _COARSE)
