"""What lies in a local store, object by object, and taking objects away so that no writer loses one.

Knows names, sizes and times; what an object is worth is somebody else's judgement.
"""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinoform.core.garbage import Thing
from kinoform.stores import disk, scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FOLDER: Final = re.compile(r"[0-9a-f]{2}")
_REST: Final = re.compile(r"[0-9a-f]{62}")
_COLLECTED: Final = "collected"


def objects(root: Path) -> Iterator[Thing]:
    """Every object of the store in `root`, by name. Raises EnvError; reads no bytes."""
    with disk.disk_faults(root):
        for folder in _entries(root / "objects", _FOLDER):
            for entry in _entries(Path(folder.path), _REST):
                found = entry.stat(follow_symlinks=False)
                size = found.st_size if stat.S_ISREG(found.st_mode) else 0
                yield Thing(f"sha256:{folder.name}{entry.name}", size, found.st_mtime)


def _entries(folder: Path, name: re.Pattern[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if name.fullmatch(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found, key=lambda entry: entry.name)


def discard(root: Path, held: Thing) -> bool:
    """Remove an object, unless somebody has added it again since it was looked at. Raises EnvError.

    It loses its name first and is looked at once more, because a writer that finds an object there
    freshens its time and then counts on it: who comes before the rename is seen here, and the object
    put back; who comes after it finds none, and writes it anew. A reader may miss it for that moment.
    """
    place = root / "objects" / held.digest[7:9] / held.digest[9:]
    aside = root / "tmp" / scratch.new_name()
    with disk.disk_faults(place):
        try:
            if place.lstat().st_mtime != held.at:
                return False
            place.rename(aside)
        except FileNotFoundError:
            return False
        young = aside.lstat().st_mtime != held.at
        if young:
            _put_back(aside, place)
        aside.unlink(missing_ok=True)
    return not young


def _put_back(aside: Path, place: Path) -> None:
    """Under its name again, unless it was written anew, and then that one stays."""
    try:
        os.link(aside, place, follow_symlinks=False)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        aside.replace(place)
    disk.sync_folder(str(place.parent))


def note_collected(root: Path, digests: Iterable[str], now: float) -> None:
    """Write down that these were taken away on purpose. Raises EnvError."""
    day = time.strftime("%Y-%m-%d", time.gmtime(now))
    lines = "".join(f"{day} {digest}\n" for digest in digests)
    if lines:
        with disk.disk_faults(root), (root / _COLLECTED).open("a", encoding="ascii") as file:
            file.write(lines)


def collected(root: Path) -> set[str]:
    """What was ever taken away on purpose."""
    try:
        text = (root / _COLLECTED).read_text("ascii", errors="replace")
    except FileNotFoundError:
        return set()
    return {line.partition(" ")[2] for line in text.splitlines()}
