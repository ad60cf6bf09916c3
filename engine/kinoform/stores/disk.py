"""What every keeper of files here needs: private folders, syncs, and disk faults as user errors.

Knows nothing of what the files mean.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import EnvError, Problem

if sys.platform == "darwin":
    import fcntl

if TYPE_CHECKING:
    from types import TracebackType

PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600

# Nonblocking, so that a planted pipe cannot hang a reader; harmless on regular files.
READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CLOSED: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})

# Shared folders whose locks or shared memory do not reach other machines. Not here: 9p and virtiofs,
# which are also what a container's own disk can look like.
_NETWORK: Final = r"nfs\d?|cifs|smb\d?|smbfs|afs|lustre|gpfs|ceph|glusterfs|fuse\.sshfs"


def private_folder(folder: Path) -> None:
    """Make the folder and its missing parents, each for this user only. Raises EnvError."""
    with disk_faults(folder):
        missing = [folder, *folder.parents]
        missing = missing[: next(i for i, place in enumerate(missing) if place.is_dir())]
        for place in reversed(missing):
            with suppress(FileExistsError):
                place.mkdir(mode=PRIVATE_FOLDER)


class disk_faults:  # noqa: N801  (used as a function is; a class costs a third of a generator)
    """Turn an OSError into an EnvError that names `path` and, on a full disk, the bytes needed."""

    __slots__ = ("_need", "_path")

    def __init__(self, path: Path | str, need: int = 0) -> None:
        self._path, self._need = path, need

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, OSError):
            raise EnvError(_problem(error, str(self._path), self._need)) from error


def _problem(error: OSError, path: str, need: int) -> Problem:
    if error.errno in FULL:
        return full(path, need)
    if error.errno in _CLOSED:
        return Problem(
            "disk-read-only",
            f"cannot write: {error.strerror}",
            hint="make the folder writable, or point KINOFORM_HOME to another one",
            path=path,
        )
    return Problem("disk-failed", f"the disk said: {error.strerror or error}", path=path)


def full(path: str, need: int = 0) -> Problem:
    """The problem of a full disk: what is needed and what is left, where that is known."""
    needed = f": {need:,} bytes are needed" if need else ""
    message = f"no space on the disk{needed}, {_free(Path(path)):,} bytes are left"
    return Problem("disk-full", message, hint=_FREE_SOME, path=path)


def is_full(path: Path) -> bool:
    """Whether the disk of `path` has no room for even one more page of a log."""
    return _free(path) < _ROOM


def _free(path: Path) -> int:
    from shutil import disk_usage  # noqa: PLC0415  (brings three packers along)

    for place in (path, *path.parents):
        with suppress(OSError):
            return disk_usage(place).free
    return 0


_PIECE: Final = 1 << 17
_ROOM: Final = 1 << 16
_FREE_SOME: Final = "free some space and run again: what was finished is kept"


def sync_file(descriptor: int) -> None:
    """Return once the file's bytes are on the disk itself."""
    if sys.platform == "darwin":  # there fsync alone leaves bytes in the drive's cache
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of it to an open file."""
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, memoryview(data)[written:])


_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_new(path: str, data: bytes, mode: int = 0o666) -> None:
    """A new file of these bytes, as the user's other files are, if no other mode is asked for."""
    descriptor = os.open(path, _NEW, mode)
    try:
        write_whole(descriptor, data)
    finally:
        os.close(descriptor)


def sha256_of(descriptor: int) -> str:
    """64 hex digits of the bytes from where the open file stands to its end."""
    digest = hashlib.sha256()
    while piece := os.read(descriptor, _PIECE):
        digest.update(piece)
    return digest.hexdigest()


def sync_folder(folder: str) -> None:
    """Return once the names in this folder are on the disk itself."""
    if os.name != "posix":  # folders cannot be opened there, and renames are logged by the system
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_shared(folder: Path) -> None:
    """Raise EnvError if others than this user may write to the folder, or own it."""
    if os.name != "posix":
        return
    with disk_faults(folder):
        status = folder.stat()
    # Root may work in a user's folder (a container with a mounted home): it has power over it anyway.
    foreign = os.geteuid() not in {status.st_uid, 0}
    if foreign or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        fault = "belongs to another user" if foreign else "can be written to by other users"
        hint = f"chmod 700 {folder}, or point KINOFORM_HOME to a folder of your own"
        raise EnvError(Problem("store-unsafe", f"the folder {fault}", hint=hint, path=str(folder)))


def network_type(folder: str, mounts: str) -> str:
    """The file system type if `folder` lies on a network share, else an empty text.

    `mounts` is text in the form of Linux's /proc/self/mountinfo.
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = (before.split()[4:5] or [""])[0].replace("\\040", " ")
        inside = f"{folder}/".startswith(f"{point.rstrip('/')}/")
        if after and point and inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind if re.fullmatch(_NETWORK, kind) else ""


def mounts() -> str:
    """The mount table of this process; empty where the system has no such file."""
    with suppress(OSError):
        return Path("/proc/self/mountinfo").read_text("utf-8", "replace")
    return ""
