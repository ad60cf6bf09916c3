"""Names for finished files, given by linking: never over a file that has the name already.

Knows no digest: what a name says is the store's.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from kinoform.core.errors import EnvError, Problem

# What a file system without hard links says (the object is then renamed into place).
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


def link(source: str, place: str, descriptor: int) -> None:
    """Link `source` to `place`, never over an object that is there: it may be a synced one."""
    try:
        link_new(source, place)
    except FileExistsError:
        return
    ours, there = os.fstat(descriptor), os.lstat(place)
    if (ours.st_dev, ours.st_ino) != (there.st_dev, there.st_ino):
        # What was hashed is not what got the name.
        Path(place).unlink()
        raise swapped(source)


def link_new(source: str, place: str) -> None:
    """The same of a file that nobody else can write to. Raises FileExistsError, OSError."""
    try:
        os.link(source, place, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS or os.path.lexists(place):
            raise
        Path(source).replace(place)


def swapped(path: str) -> EnvError:
    """What is said of a file that became another one under our hands."""
    message = "the file changed while it was taken into the store"
    return EnvError(Problem("file-swapped", message, hint="run again", path=path))
