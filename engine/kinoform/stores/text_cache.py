"""A diskcache that holds text and nothing else: every way to a pickle or a file of its own is closed.

Knows the library's inside as far as that takes; `index.py` catches whatever it raises.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any, Final

from diskcache import Cache, Disk, Timeout

from kinoform.stores import disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["PlantedError", "TextDisk", "Timeout", "open_cache"]

_RAW: Final = 1  # the library's mode of a value that stands in the row itself
_WAIT: Final = 5.0  # seconds to wait for another process; then the answer is None

# All of them, because diskcache keeps settings in the file and prefers those to its own defaults.
_SETTINGS: Final[Mapping[str, Any]] = {
    "timeout": _WAIT,
    "statistics": 0,
    "tag_index": 0,
    "eviction_policy": "none",
    "cull_limit": 0,
    "size_limit": 2**62,
    "disk_min_file_size": 2**31 - 1,
    "disk_pickle_protocol": 0,
    "sqlite_auto_vacuum": 0,
    "sqlite_cache_size": 2**12,
    "sqlite_journal_mode": "wal",
    "sqlite_mmap_size": 0,
    "sqlite_synchronous": 1,
}


class PlantedError(Exception):
    """Something was found that this index never writes."""


class TextDisk(Disk):  # type: ignore[misc]  # the library has no types
    """Keys and values as they stand in the row: text, or a fault."""

    def put(self, key: object) -> tuple[str, bool]:
        """The columns of a key."""
        if type(key) is not str:
            raise PlantedError(type(key))
        return key, True

    def get(self, key: object, raw: object) -> str:
        """The key of these columns."""
        if type(key) is not str or not raw:
            raise PlantedError(type(key))
        return key

    def store(self, value: object, read: object, **_: object) -> tuple[int, int, None, str]:
        """The columns of a value."""
        if type(value) is not str or read:
            raise PlantedError(type(value))
        return 0, _RAW, None, value

    def fetch(self, mode: object, filename: object, value: object, read: object) -> str:
        """The value of these columns."""
        if mode != _RAW or filename is not None or type(value) is not str or read:
            raise PlantedError(mode)
        return value

    def filename(self, *_: object) -> tuple[str, str]:
        """There are no files."""
        raise PlantedError

    def remove(self, file_path: object) -> None:
        """There are no files: a row that names one was planted."""
        raise PlantedError(file_path)


def open_cache(folder: Path) -> Any:
    """The cache in this folder. Raises almost anything if the folder is not as we leave it."""
    disk.private_folder(folder)
    disk.refuse_shared(folder)
    name = str(folder)
    # The library would read `$NAME` and a leading `~`, and work somewhere else.
    if os.path.expandvars(name) != name:
        raise PlantedError(name)
    return Cache(name, disk=TextDisk, **_SETTINGS)
