"""A folder that several people reach (a network drive, a synced folder) as a store of results.

`objects/aa/<62 hex>` are bytes by digest, `records/aa/<key>` one result each, `tmp/` what is on its
way. Every byte is hashed as it passes, in both directions; a file has its final name only when it is
whole. Needs neither links nor locks of the file system, and knows no ledger.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import EnvError, Problem
from kinoform.ports import Absent
from kinoform.stores import disk, scratch
from kinoform.stores.inside import WRITE, Inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kinoform.stores.inside import Parts

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_PIECE: Final = 1 << 20
_MOST: Final = 4 << 20  # bytes of a record
_TMP: Final = ("tmp",)
_NO_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})
# What is in an object's or a folder's place and is no file of ours: a link, a folder, a pipe.
_ODD: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EINVAL, errno.ENXIO, errno.EISDIR})


class SharedFolder:
    """A shared store in `root`. Methods raise EnvError when the folder cannot be used.

    `tell` hears of every piece of an object that was copied. The folder belongs to all who may write to
    it: nothing found there is believed without its hash.
    """

    def __init__(self, root: Path, *, tell: Callable[[int], None] = lambda _size: None) -> None:
        self.root = root.expanduser().absolute()
        self._inside = Inside(self.root)
        self._tell = tell
        self._ready: set[Parts] = set()

    def begin(self) -> None:
        """Make the folder, if it is new. Its parent must be there: a drive may not be mounted."""
        with _faults(self.root):
            if not self.root.is_dir():
                self.root.mkdir()
            self._folder(_TMP)
        scratch.sweep(self.root / _TMP[0])

    def look(self) -> None:
        """Raise EnvError unless something was ever pushed here."""
        with _faults(self.root):
            known = self.root.is_dir() and "records" in self._inside.names(())
        if not known:
            said = "there is no shared folder, or nothing was ever pushed to it"
            hint = "is the drive mounted? kinoform push DIR begins one"
            raise EnvError(Problem("no-shared-folder", said, hint=hint, path=str(self.root)))

    def size(self, digest: str) -> int | None:
        """Bytes of an object, as far as its file tells; None where there is none. Reads none."""
        with _faults(self.root), _passing():
            return self._inside.size(*_object(digest))
        return None

    def give(self, digest: str, source: Path) -> None:
        """Copy a file in, under its digest. Raises Absent when its bytes are not those any more."""
        with _faults(self.root, source.stat().st_size), source.open("rb") as file:
            pieces = self._told(iter(lambda: file.read(_PIECE), b""))
            with self._written(pieces) as (temp, name):
                if name != digest[7:]:
                    raise Absent(digest)
                self._publish(temp, *_object(digest))

    def take(self, digest: str, size: int, target: Path) -> None:
        """Copy an object out to a new file. Raises Absent unless it is there, and whole."""
        seen, came = hashlib.sha256(), 0
        with disk.disk_faults(target, size), target.open("xb") as file:
            for piece in self._read(*_object(digest), size):
                seen.update(piece)
                came += file.write(piece)
                self._tell(len(piece))
        if came != size or seen.hexdigest() != digest[7:]:
            raise Absent(digest)

    def _told(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            self._tell(len(piece))

    def keys(self) -> list[str]:
        """The keys of all records, sorted."""
        with _faults(self.root), _passing():
            folders = self._inside.names(("records",))
            found = [self._inside.names(("records", name)) for name in folders]
            return sorted(key for names in found for key in names if _KEY.fullmatch(key))
        return []

    def record(self, key: str) -> str | None:
        """The text of a record; None where there is none. Raises Absent for a damaged one."""
        if not _KEY.fullmatch(key):
            return None
        with _faults(self.root):
            if self._inside.size(*_record(key)) is None:
                return None
        sealed = b"".join(self._read(*_record(key), _MOST))
        head, _, body = sealed.partition(b"\n")
        if head != _seal(body):
            raise Absent(key)
        with suppress(UnicodeDecodeError):
            return body.decode()
        raise Absent(key)

    def file(self, key: str, text: str) -> None:
        """Put a record there, in the place of any other."""
        body = text.encode()
        with (
            _faults(self.root, len(body)),
            self._written(iter((_seal(body), b"\n", body))) as (temp, _),
        ):
            self._publish(temp, *_record(key))

    def _read(self, folder: Parts, name: str, most: int) -> Iterator[bytes]:
        """The bytes of a file. Raises Absent for what is no file, or longer than `most`."""
        with _faults(self.root):
            try:
                descriptor = self._inside.open(folder, name)
            except FileNotFoundError:
                raise Absent(name) from None
            except OSError as error:
                if error.errno in _ODD:
                    raise Absent(name) from None
                raise
        try:
            while most >= 0:
                with _faults(self.root):
                    piece = os.read(descriptor, _PIECE)
                if not piece:
                    return
                most -= len(piece)
                yield piece
            raise Absent(name)
        finally:
            os.close(descriptor)

    @contextmanager
    def _written(self, pieces: Iterable[bytes]) -> Iterator[tuple[str, str]]:
        """A synced file of these bytes in tmp/ and their hash; gone afterwards unless published."""
        self._folder(_TMP)
        temp, seen = scratch.new_name(), hashlib.sha256()
        try:
            with os.fdopen(self._inside.open(_TMP, temp, WRITE), "wb") as file:
                for piece in pieces:
                    seen.update(piece)
                    file.write(piece)
                file.flush()
                _sync(file.fileno())
            yield temp, seen.hexdigest()
        finally:
            with suppress(OSError):
                self._inside.remove(_TMP, temp)

    def _publish(self, temp: str, folder: Parts, name: str) -> None:
        """By a rename, which every file system has; two who do so at once give the same bytes."""
        self._folder(folder)
        self._inside.move((_TMP, temp), (folder, name))
        self._inside.sync(folder)

    def _folder(self, folder: Parts) -> None:
        if folder not in self._ready:
            self._inside.ensure(folder)
            self._ready.add(folder)


def _sync(descriptor: int) -> None:
    """Bring bytes to the disk itself, where the file system can be asked for that."""
    try:
        disk.sync_file(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _object(digest: str) -> tuple[Parts, str]:
    return ("objects", digest[7:9]), digest[9:]


def _record(key: str) -> tuple[Parts, str]:
    return ("records", key[:2]), key


def _seal(body: bytes) -> bytes:
    return f"sha256:{hashlib.sha256(body).hexdigest()}".encode()


@contextmanager
def _passing() -> Iterator[None]:
    """What is odd there counts as not there: whoever reads it finds out, and whoever writes too."""
    try:
        yield
    except OSError as error:
        if error.errno not in _ODD:
            raise


@contextmanager
def _faults(root: Path, need: int = 0) -> Iterator[None]:
    """An OSError as a fault of the shared folder."""
    try:
        yield
    except OSError as error:
        if error.errno in disk.FULL:
            raise EnvError(disk.full(str(root), need)) from error
        said = f"the shared folder cannot be used: {error.strerror or error}"
        hint = "a link there is not followed" if error.errno in _ODD else "is the drive mounted?"
        raise EnvError(Problem("shared-refused", said, hint=hint, path=str(root))) from error
