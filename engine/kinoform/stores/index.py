"""Disposable facts by text key in a diskcache folder: losing them costs time, nothing else.

Whoever may write that folder must gain nothing by it: text goes in, text comes out, never a pickle
and never a file; anything else found there drops the whole index. No error leaves this file.
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any

from kinoform.stores.digests import FileDigests, Hashed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DiskIndex", "FileDigests", "Hashed"]


class DiskIndex:
    """A `ports.Index` in one folder. Opened at first use; broken twice, it stays off."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock = RLock()
        self._cache: Any = None
        self._lives = 2

    def get(self, key: str) -> str | None:
        """The remembered text, or None: also when the index is busy, broken or off."""
        if not _is_text(key):
            return None
        found = self._try(lambda cache: cache.get(key, retry=False))
        return found if isinstance(found, str) else None

    def put(self, items: Mapping[str, str]) -> None:
        """Remember these, in one transaction; what is not text is left out."""
        good = {key: text for key, text in items.items() if _is_text(key) and _is_text(text)}

        def write(cache: Any) -> None:
            with cache.transact(retry=False):
                for key, text in good.items():
                    cache.set(key, text, retry=False)

        if good:
            self._try(write)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock, suppress(Exception):
            if self._cache is not None:
                cache, self._cache = self._cache, None
                cache.close()

    def _try(self, work: Any) -> Any:
        """What `work` gives, or None; anything unexpected costs the index its folder."""
        if not self._lives:
            return None
        from kinoform.stores import text_cache  # noqa: PLC0415  (26 ms that a run without it saves)

        with self._lock:
            try:
                self._cache = self._cache or text_cache.open_cache(self._folder)
                return work(self._cache)
            except text_cache.Timeout:
                return None
            # Broken files surface as errors of a dozen unrelated classes, and none may get out.
            except Exception:  # noqa: BLE001  (see above)
                self._drop()
                return None

    def _drop(self) -> None:
        """Start anew. The folder is renamed first, so that nobody finds half of it."""
        self.close()
        self._lives -= 1
        aside = self._folder.with_name(f"{self._folder.name}.dropped-{secrets.token_hex(6)}")
        try:
            self._folder.rename(aside)
        except OSError:
            self._lives = 0
        else:
            shutil.rmtree(aside, ignore_errors=True)


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:
        return False
