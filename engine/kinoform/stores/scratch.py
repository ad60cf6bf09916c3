"""Names of temporary files that tell who made them, and the clearing of what dead processes left.

Knows only one folder; never waits.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinoform.stores.disk import write_new

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME: Final = re.compile(r"\.?(\d+)-([0-9a-f]{8})-[0-9a-f]{12}")
_numbers: Final = count()
_HOUR: Final = 3600.0
_AT_MOST: Final = 512  # leftovers cleared at one opening, so that nobody waits for a big one


def new_name() -> str:
    """`<pid>-<boot>-<12 hex digits>`: unique, and its maker can be looked up."""
    pid = os.getpid()
    return f"{pid}-{boot()}-{(_first(pid) + next(_numbers)) % (1 << 48):012x}"


@cache
def _first(_pid: int) -> int:
    """Chance once for each process, also a forked one, then a count: to ask each time costs more."""
    return int.from_bytes(os.urandom(6), "big")


@cache
def boot() -> str:
    """Eight hex digits for this boot and this process namespace; zeros where the system tells none.

    The namespace is part of it because a container that shares the folder has pids of its own, which
    look dead from outside.
    """
    with suppress(OSError):
        told = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
        return sha256(f"{told}{Path('/proc/self/ns/pid').readlink()}".encode()).hexdigest()[:8]
    return "00000000"


def replace_text(path: Path | str, text: str) -> None:
    """Write a file whole, whoever else writes the same one, or is killed doing so. Raises OSError."""
    data = text.encode()
    replace(os.fspath(path), lambda beside: write_new(beside, data))


def replace(path: str, fill: Callable[[str], None]) -> None:
    """Let `fill` make a file beside `path`, and give it that name: readers see the old or the new.

    Raises OSError, and what `fill` raises; nothing is left then.
    """
    beside = f"{os.path.dirname(path) or '.'}/.{new_name()}"
    try:
        fill(beside)
        os.replace(beside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def sweep(folder: Path) -> None:
    """Remove what dead processes have left in `folder`, as far as that is certain. Never raises."""
    with suppress(OSError):
        ours = filter(_NAME.fullmatch, os.listdir(folder))  # of ten thousand results, next to none
        entries = [entry for entry in map(folder.joinpath, ours) if _stale(entry)]
        for entry in entries[:_AT_MOST]:
            if entry.is_dir() and not entry.is_symlink():
                from shutil import rmtree  # noqa: PLC0415  (brings three packers along)

                rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


def _stale(entry: Path) -> bool:
    found = _NAME.fullmatch(entry.name)
    if not found:
        return False
    pid, tag = int(found[1]), found[2]
    if tag == boot() != "00000000":
        return not _alive(pid)
    # Another boot, machine or container: our own pid cannot be the maker's, and time must tell too.
    return (pid == os.getpid() or not _alive(pid)) and time.time() - _touched(entry) > _HOUR


def _alive(pid: int) -> bool:
    if os.name != "posix":  # signal 0 is not harmless there
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _touched(entry: Path) -> float:
    """When something in it was last written: a long encode changes the file, not the folder."""
    places = [entry]
    if entry.is_dir() and not entry.is_symlink():
        places += entry.rglob("*")
    return max(place.lstat().st_mtime for place in places)
