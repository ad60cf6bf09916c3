"""Bytes by digest in a folder: written once, verified at every read, damaged ones set aside.

Knows no ledger and no step: whoever records a result adds its bytes first.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import EnvError, Problem
from kinoform.ports import Absent
from kinoform.stores import scratch
from kinoform.stores.answers import STILL
from kinoform.stores.disk import (
    PRIVATE_FOLDER,
    READ,
    disk_faults,
    private_folder,
    refuse_shared,
    sha256_of,
    sync_folder,
    write_new,
    write_whole,
)
from kinoform.stores.links import link, link_new, swapped
from kinoform.stores.looks import looked
from kinoform.stores.syncs import alone, together

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kinoform.stores.syncs import Piece

_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
_FOLDERS: Final = frozenset(f"{number:02x}" for number in range(256))
_READ_ONLY: Final = 0o444
_PIECE: Final = 1 << 20

# Microseconds, as measured on a local disk: one look at a name; opening a folder; one name of a list.
_LOOK, _OPEN, _LISTED = 2.0, 12.0, 0.35


class LocalStore:
    """A `ports.Store` in one folder: `objects/aa/<62 hex>`, `tmp/` and `quarantine/`.

    Every method raises EnvError when the disk fails, is full or is read-only.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._objects = str(self._root / "objects")
        self._tmp = self._root / "tmp"
        self._aside = str(self._tmp)
        self._ready = False
        self._made: set[str] = set()  # fan-out folders that exist
        self._anchored = False  # whether the names of all of them are synced

    def has(self, digests: Collection[str]) -> set[str]:
        """Which of these it holds; looks at names only. What is no digest is not held."""
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for digest in digests:
            groups[digest[:9]].append(digest)
        held: set[str] = set()
        crowd = 0  # names in a folder: digests are spread evenly, so one folder tells of all
        with disk_faults(self._objects):
            for start, wanted in sorted(groups.items(), key=lambda group: -len(group[1])):
                folder = start.removeprefix("sha256:")
                if folder not in _FOLDERS:
                    continue
                looked(f"{self._objects}/{folder}", STILL)
                if len(wanted) * _LOOK <= _OPEN + crowd * _LISTED:
                    held.update(filter(self._lies, wanted))
                    continue
                names = self._names(folder)
                crowd = len(names)
                held.update([digest for digest in wanted if digest[9:] in names])
        return held

    def _lies(self, digest: str) -> bool:
        found = _DIGEST.fullmatch(digest)
        return bool(found) and os.path.lexists(self._place(digest[7:]))

    def path(self, digest: str) -> Path:
        """The file of these bytes, verified now. Raises Absent; a damaged object is set aside."""
        found = _DIGEST.fullmatch(digest)
        if not found:
            raise Absent(digest[:80])
        place = self._place(found[1])
        with disk_faults(place):
            whole = _verify(place, found[1])
            if whole is False:
                whole = self._set_aside(place, found[1])
        if not whole:
            raise Absent(digest)
        return Path(place)

    def read(self, digest: str) -> bytes:
        """The bytes themselves, verified in one reading. Raises Absent as `path` does."""
        if _DIGEST.fullmatch(digest):
            with suppress(OSError), _opened(self._place(digest[7:])) as (descriptor, status):
                data = os.read(descriptor, status.st_size + 1)
                if hashlib.sha256(data).hexdigest() == digest[7:]:
                    return data
        return self.path(digest).read_bytes()

    def add(self, path: Path, *, durable: bool) -> str:
        """Take over a finished file and return its digest; on a fault the file stays where it is."""
        return alone(self._adding(path, durable=durable))

    def add_all(self, sources: Sequence[Path | bytes], *, durable: bool) -> list[str | EnvError]:
        """The same for many; durable ones are all synced, then all named, then their folders synced.

        Their bytes are hashed where they were written, so that a digest says what the disk holds. With
        none, the store is made ready for those that will come.
        """
        if not durable:
            return [*map(self._put, sources)]
        if not sources:
            self._prepare(durable=True)
        return together(
            [
                self._written_down(source)
                if isinstance(source, bytes)
                else self._adding(source, durable=True)
                for source in sources
            ]
        )

    def add_bytes(self, data: bytes, *, durable: bool) -> str:
        """The same for bytes at hand."""
        if durable:
            return alone(self._written_down(data))
        found = self._put(data)
        if isinstance(found, EnvError):
            raise found
        return found

    def _put(self, source: Path | bytes) -> str | EnvError:
        """Add what can be made again, and is not synced; the fault that it met."""
        try:
            if not isinstance(source, bytes):
                return self.add(source, durable=False)
            name = hashlib.sha256(source).hexdigest()
            self._prepare()
            with disk_faults(self._root, len(source)):
                self._write(source, name)
        except EnvError as error:
            return error
        return f"sha256:{name}"

    def _write(self, data: bytes, name: str) -> None:
        """Make the file aside, so that nobody sees half of it under its name."""
        temp = f"{self._aside}/{scratch.new_name()}"
        self._fan_out(name[:2])
        try:
            write_new(temp, data, _READ_ONLY)
            self._name(temp, name)
        finally:
            with suppress(OSError):
                os.unlink(temp)

    def _name(self, temp: str, name: str) -> None:
        """Give a finished file its name: few have one already, and to look first costs all of them."""
        place = self._place(name)
        try:
            link_new(temp, place)
        except FileExistsError:
            if not self._stands(name):
                with suppress(FileExistsError):  # somebody was faster
                    link_new(temp, place)

    def _adding(self, path: Path, *, durable: bool) -> Piece[str]:
        self._prepare(durable=durable)
        with disk_faults(path), _opened(path) as (descriptor, status):
            name = sha256_of(descriptor)
            with disk_faults(self._root, status.st_size):
                if not (yield from self._kept(name, durable=durable)):
                    yield from self._take(path, descriptor, name, durable=durable)
            path.unlink(missing_ok=True)
        return f"sha256:{name}"

    def _written_down(self, data: bytes) -> Piece[str]:
        self._prepare(durable=True)
        with disk_faults(self._root, len(data)), self._written(iter((data,))) as (temp, descriptor):
            os.lseek(descriptor, 0, os.SEEK_SET)
            name = sha256_of(descriptor)
            if not (yield from self._kept(name, durable=True)):
                yield from self._commit(temp, descriptor, name, durable=True)
        return f"sha256:{name}"

    def scratch(self) -> Path:
        """A new private folder on the same file system, for one piece of work."""
        self._prepare()
        folder = self._tmp / scratch.new_name()
        with disk_faults(folder):
            folder.mkdir(mode=PRIVATE_FOLDER)
        return folder

    def _prepare(self, *, durable: bool = False) -> None:
        """Once, before the first write: folders, their safety, and what dead writers left."""
        if not self._ready:
            for folder in (self._root, Path(self._objects), self._tmp, self._root / "quarantine"):
                private_folder(folder)
            refuse_shared(self._root)
            scratch.sweep(self._tmp)
            self._ready = True
        if durable and not self._anchored:
            with disk_faults(self._objects):
                self._anchor()

    def _anchor(self) -> None:
        """Sync the names of the fan-out folders: any process may have made them without a sync.

        All that there will ever be, so that new ones cost no sync each.
        """
        for missing in _FOLDERS.difference(os.listdir(self._objects)):
            self._fan_out(missing)
        for folder in (self._objects, str(self._root), str(self._root.parent)):
            sync_folder(folder)
        self._made |= _FOLDERS
        self._anchored = True

    def _folder(self, name: str) -> str:
        return f"{self._objects}/{name[:2]}"

    def _place(self, name: str) -> str:
        return f"{self._objects}/{name[:2]}/{name[2:]}"

    def _names(self, folder: str) -> set[str]:
        try:
            return {*os.listdir(f"{self._objects}/{folder}")}
        except FileNotFoundError:
            return set()

    def _kept(self, name: str, *, durable: bool) -> Piece[bool]:
        """Whether a whole object of this name is there, on the disk itself if `durable`."""
        whole = self._stands(name)
        if whole and durable:
            # It may have come as a local result that was never synced.
            try:
                with _opened(self._place(name)) as (descriptor, _):
                    yield descriptor
            except FileNotFoundError:  # a collector looks at it just now: it is written anew
                return False
            yield self._folder(name)
        return whole

    def _stands(self, name: str) -> bool:
        """Whether a whole object of this name is there, and in use from now on."""
        place = self._place(name)
        whole = _verify(place, name)
        if whole is False:
            whole = self._set_aside(place, name)
        return bool(whole) and _freshened(place)

    def _take(self, path: Path, descriptor: int, name: str, *, durable: bool) -> Piece[None]:
        """Commit the open file itself where it can be linked and nobody else can write to it."""
        status = os.fstat(descriptor)
        if status.st_nlink == 1 and status.st_uid == self._root.stat().st_uid:
            path.chmod(_READ_ONLY)
            os.utime(path)  # its age counts from now, whenever it was written
            try:
                yield from self._commit(str(path), descriptor, name, durable=durable)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
            else:
                return
        os.lseek(descriptor, 0, os.SEEK_SET)
        pieces = iter(lambda: os.read(descriptor, _PIECE), b"")
        with self._written(pieces) as (temp, copy):
            os.lseek(copy, 0, os.SEEK_SET)
            if sha256_of(copy) != name:
                raise swapped(str(path))
            yield from self._commit(temp, copy, name, durable=durable)

    @contextmanager
    def _written(self, pieces: Iterator[bytes]) -> Iterator[tuple[str, int]]:
        """A new read-only file of these bytes in tmp/, open; its temporary name is gone afterwards."""
        temp = f"{self._tmp}/{scratch.new_name()}"
        descriptor = os.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL, _READ_ONLY)
        try:
            for piece in pieces:
                write_whole(descriptor, piece)
            yield temp, descriptor
        finally:
            os.close(descriptor)
            with suppress(OSError):
                os.unlink(temp)

    def _commit(self, source: str, descriptor: int, name: str, *, durable: bool) -> Piece[None]:
        """Give the synced, read-only file its final name, unless somebody was faster."""
        self._fan_out(name[:2])
        if durable:
            yield descriptor
        link(source, self._place(name), descriptor)
        if durable:
            yield self._folder(name)

    def _fan_out(self, folder: str) -> None:
        if folder not in self._made:
            with suppress(FileExistsError):
                Path(self._objects, folder).mkdir(PRIVATE_FOLDER)
            self._made.add(folder)

    def _set_aside(self, place: str, name: str) -> bool:
        """Move a damaged object into quarantine/; True if a whole one stands there after all."""
        aside = f"{self._root}/quarantine/{name}-{scratch.new_name()}"
        with suppress(
            OSError
        ):  # a store on a read-only disk cannot move it: it is absent all the same
            private_folder(self._root / "quarantine")
            Path(place).replace(aside)
            # Another process may have repaired it between our look and our move: give that back.
            if _verify(aside, name):
                link_new(aside, place)
                Path(aside).unlink(missing_ok=True)
                return True
        return False


def _freshened(place: str) -> bool:
    """Say by its time that the object is in use from now on; False if it was just collected."""
    try:
        os.utime(place)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # on a read-only disk nothing is collected either
    return True


def _verify(place: str, name: str) -> bool | None:
    """Whether the file at `place` holds the bytes that `name` says; None if there is none."""
    try:
        descriptor = os.open(place, READ)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:  # a link or a socket in an object's place
            return False
        raise
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and sha256_of(descriptor) == name
    finally:
        os.close(descriptor)


@contextmanager
def _opened(path: Path | str) -> Iterator[tuple[int, os.stat_result]]:
    """The regular file at `path`, open for reading; links are not followed."""
    try:
        descriptor = os.open(path, READ)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise _odd(path) from None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _odd(path)
        yield descriptor, status
    finally:
        os.close(descriptor)


def _odd(path: Path | str) -> EnvError:
    return EnvError(Problem("not-a-file", "only a regular file can be taken in", path=str(path)))
