"""Disposable facts by text key in a diskcache folder: losing them costs time, nothing else.

Whoever may write that folder must gain nothing by it: text goes in, text comes out, never a pickle
and never a file; anything else found there drops the whole index. No error leaves this file.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.errors import EnvError
from kinoform.stores import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_RAW: Final = 1  # the library's mode of a value that stands in the row itself
# A row as `_put` and `_store` write it, in the library's table.
_ROW: Final = "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1"

# All of them, because the library keeps settings in the file and prefers those to its own defaults.
# `timeout`: seconds to wait for another process; then the answer is None. Nothing is synced: a file
# that a power cut leaves torn is dropped like any other broken one, where a plan after each edit would
# wait for the disk five times.
_SETTINGS: Final[Mapping[str, Any]] = {
    "timeout": 5.0,
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
    "sqlite_synchronous": 0,
}


class DiskIndex:
    """A `ports.Index` in one folder. Opened at first use; broken twice, it stays off."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock = RLock()
        self._cache: Any = None
        self._reader: sqlite3.Connection | None = None
        self._lives = 2

    def get(self, key: str) -> str | None:
        """The remembered text, or None: also when the index is busy, broken or off."""
        if not _is_text(key):
            return None
        if self._cache is None and self._lives:
            with suppress(sqlite3.Error, EnvError, OSError, PlantedError):  # the library's to judge
                return self._peek(key)
        found = self._try(lambda cache: cache.get(key, retry=False))
        return found if isinstance(found, str) else None

    def _peek(self, key: str) -> str | None:
        """The same without the library, as long as nothing is written: it takes 15 ms to be ready.

        Raises sqlite3.Error, EnvError, OSError or PlantedError for what is not as we leave it.
        """
        with self._lock:
            if self._reader is None:
                place = self._folder / "cache.db"
                if not os.path.lexists(place):
                    return None
                disk.refuse_shared(self._folder)
                uri = f"{place.as_uri()}?mode=rw"
                self._reader = sqlite3.connect(uri, 0.0, uri=True, check_same_thread=False)
            row = self._reader.execute(_ROW, (key,)).fetchone()
        if row is None:
            return None
        mode, filename, value = row
        return _fetch(None, mode, filename, value, None)

    def put(self, items: Mapping[str, str]) -> None:
        """Remember these, in one transaction; what is not text is left out."""
        good = {key: text for key, text in items.items() if _is_text(key) and _is_text(text)}

        def write(cache: Any) -> None:
            with cache.transact(retry=False):
                for key, text in good.items():
                    cache.set(key, text, retry=False)

        if good:
            self._try(write)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop what is remembered under these keys; best effort."""

        def drop(cache: Any) -> None:
            with cache.transact(retry=False):
                for key in keys:
                    cache.delete(key, retry=False)

        self._try(drop)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock, suppress(Exception):
            if self._reader is not None:
                reader, self._reader = self._reader, None
                reader.close()
            if self._cache is not None:
                cache, self._cache = self._cache, None
                cache.close()

    def _try(self, work: Callable[[Any], Any]) -> Any:
        """What `work` gives, or None; anything unexpected costs the index its folder."""
        if not self._lives:
            return None
        # A run that asks for nothing saves 26 ms, and the library is missed by nobody else.
        import diskcache  # noqa: PLC0415  (26 ms that a run without look-ups saves)

        with self._lock:
            try:
                self._cache = self._cache or _open(diskcache, self._folder)
                return work(self._cache)
            except diskcache.Timeout:
                return None
            # Broken files surface as errors of a dozen unrelated classes, and none may get out.
            except Exception:  # noqa: BLE001  (a disposable index ends no run)
                self._drop()
                return None

    def _drop(self) -> None:
        """Start anew. The folder is renamed first, so that nobody finds half of it."""
        self.close()
        self._lives -= 1
        aside = self._folder.with_name(f"{self._folder.name}.dropped-{os.urandom(6).hex()}")
        try:
            self._folder.rename(aside)
        except OSError:
            self._lives = 0
        else:
            from shutil import rmtree  # noqa: PLC0415  (brings three packers along)

            rmtree(aside, ignore_errors=True)


class PlantedError(Exception):
    """Something was found that this index never writes."""


def _put(_: object, key: object) -> tuple[str, bool]:
    """The columns of a key: the text as it stands."""
    if type(key) is not str:
        raise PlantedError(type(key))
    return key, True


def _get(_: object, key: object, raw: object) -> str:
    """The key of these columns."""
    if type(key) is not str or not raw:
        raise PlantedError(type(key))
    return key


def _store(_: object, value: object, read: object, **__: object) -> tuple[int, int, None, str]:
    """The columns of a value: the text as it stands."""
    if type(value) is not str or read:
        raise PlantedError(type(value))
    return 0, _RAW, None, value


def _fetch(_: object, mode: object, filename: object, value: object, read: object) -> str:
    """The value of these columns."""
    if mode != _RAW or filename is not None or type(value) is not str or read:
        raise PlantedError(mode)
    return value


def _no_file(_: object, *names: object) -> None:
    """There are no files: a row that names one was planted."""
    raise PlantedError(*names)


# Every door of the library's `Disk` that leads to a pickle or to a file of its own.
_DOORS: Final[Mapping[str, Any]] = {
    "put": _put,
    "get": _get,
    "store": _store,
    "fetch": _fetch,
    "filename": _no_file,
    "remove": _no_file,
}


def _open(library: Any, folder: Path) -> Any:
    """The cache in this folder. Raises almost anything if the folder is not as we leave it."""
    disk.private_folder(folder)
    disk.refuse_shared(folder)
    name = str(folder)
    if os.path.expandvars(name) != name:  # the library would do so, and work somewhere else
        raise PlantedError(name)
    # Built here, because a class statement would import the library with this module.
    text_disk = type("TextDisk", (library.Disk,), dict(_DOORS))
    return library.Cache(name, disk=text_disk, **_SETTINGS)


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False
