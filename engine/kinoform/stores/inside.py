"""Files below one folder by plain names, where no link is ever followed, whoever may write there.

Knows nothing of what the files mean. Only the folder itself may be reached through a link: it is the
one that a person named.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Parts: TypeAlias = tuple[str, ...]
Spot: TypeAlias = (
    "tuple[str, int | None]"  # what stands before a name, and the open folder it is in
)

BY_HANDLE: Final = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_QUIET: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK | _QUIET
READ: Final = os.O_RDONLY | _NO_LINK | _QUIET
WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _QUIET
_SHARED: Final = 0o666  # what the user's umask leaves of it: colleagues are to read this


class Inside:
    """One folder. Every method raises OSError; what leads through a link is refused with ELOOP.

    With `by_handle` each folder is opened and the next name looked up in it, so that nobody can slip
    a link in between; a system without such calls looks at each name first.
    """

    def __init__(self, root: Path, *, by_handle: bool = BY_HANDLE) -> None:
        self.root = root.absolute()
        self._by_handle = by_handle

    def open(self, folder: Parts, name: str, flags: int = READ) -> int:
        """A descriptor of this file, which the caller closes; a regular file, or OSError."""
        with self._at(folder) as (before, handle):
            if handle is None:
                _refuse_link(before + name)
            descriptor = os.open(before + name, flags, _SHARED, dir_fd=handle)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file", name)
        return descriptor

    def size(self, folder: Parts, name: str) -> int | None:
        """Bytes of a regular file; None where there is none, or something else."""
        try:
            with self._at(folder) as (before, handle):
                found = os.stat(before + name, dir_fd=handle, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def names(self, folder: Parts) -> list[str]:
        """The names in it, sorted; none where there is no such folder."""
        try:
            with (
                self._at(folder) as (before, handle),
                os.scandir(before if handle is None else handle) as entries,
            ):
                return sorted(entry.name for entry in entries)
        except FileNotFoundError:
            return []

    def ensure(self, folder: Parts) -> None:
        """Make the folder and those above it, as far as they are missing."""
        for depth, name in enumerate(folder):
            with self._at(folder[:depth]) as (before, handle), suppress(FileExistsError):
                os.mkdir(before + name, dir_fd=handle)

    def move(self, source: tuple[Parts, str], target: tuple[Parts, str]) -> None:
        """Give a finished file its name, in the place of what has it."""
        with self._at(source[0]) as (here, mine), self._at(target[0]) as (there, its):
            os.replace(here + source[1], there + target[1], src_dir_fd=mine, dst_dir_fd=its)

    def remove(self, folder: Parts, name: str) -> None:
        """Remove a file, if it is there."""
        with self._at(folder) as (before, handle), suppress(FileNotFoundError):
            os.unlink(before + name, dir_fd=handle)

    def sync(self, folder: Parts) -> None:
        """Bring the names in it to the disk itself, as far as the file system knows of that."""
        with self._at(folder) as (_, handle), suppress(OSError):
            if handle is not None:
                os.fsync(handle)

    @contextmanager
    def _at(self, folder: Parts) -> Iterator[Spot]:
        """Where the names of this folder are looked up."""
        if not self._by_handle:
            place = self.root
            for name in folder:
                place /= name
                _refuse_link(str(place))
            yield f"{place}{os.sep}", None
            return
        handle = os.open(self.root, _FOLDER & ~_NO_LINK)
        try:
            for name in folder:
                inner = os.open(name, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = inner
            yield "", handle
        finally:
            os.close(handle)


def _refuse_link(place: str) -> None:
    if Path(place).is_symlink():
        raise OSError(errno.ELOOP, "a link is not followed", place)
