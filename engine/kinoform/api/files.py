"""The project folder as `spec` and the run see it: text, globs, media; nothing outside it."""

from __future__ import annotations

import binascii
import json
import os
from contextlib import contextmanager
from dataclasses import asdict
from errno import EINVAL
from functools import lru_cache
from pathlib import Path
from stat import S_ISLNK
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from kinoform.api.lockbook import LockBook
from kinoform.core.address import not_here
from kinoform.core.canon import digest_of
from kinoform.core.errors import KinoformError, OpError, Problem
from kinoform.core.types import Blob, Data, Facts, File, Url
from kinoform.stores.digests import FileDigests
from kinoform.stores.looks import looked
from kinoform.stores.sheet import Sheet

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Iterable, Iterator

    from kinoform.api.home import Home
    from kinoform.core.types import Source

_LARGE = 1024 * 1024  # bytes that take longer to read than to find out who else is to be read
MAX_TEXT = 64 * 1024 * 1024


class ProjectFiles:
    """Reads below one folder; links that lead out of it are refused."""

    def __init__(self, root: Path, home: Home) -> None:
        self._root, self._home = root.resolve(), home
        self._lock = LockBook(root)
        # What is known of this project's files: one entry of the index, read and written once.
        self._sheet = Sheet(home.index, f"files:{self._root}")
        self._digests = FileDigests(self._sheet)
        self._folders: dict[str, str] = {}
        self._ahead: Callable[[], Iterable[str]] = tuple
        self.seen: dict[str, str] = {}

    def ahead(self, names: Callable[[], Iterable[str]]) -> None:
        """Paths that are going to be asked for, most likely; wanted when there is much to read."""
        self._ahead = names

    def flush(self) -> None:
        """Remember what was learnt of the files."""
        self._digests.flush()
        self._sheet.save()

    def _inside(self, path: str) -> Path:
        return Path(self._found(path)[0])

    def _found(self, path: str) -> tuple[str, os.stat_result | None]:
        """The file; and what the file system says of it, where that had to be asked on the way.

        A text, as a film may take in thousands: to join a path of them takes longer than the look.
        """
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._straight(folder)
        home = self._folders[folder]
        if not home or name in ("", ".", ".."):
            return self._followed(path), None
        full = f"{home}/{name}"
        try:
            status = os.lstat(full)
        except OSError:
            return full, None
        return (self._followed(path), None) if S_ISLNK(status.st_mode) else (full, status)

    def _straight(self, folder: str) -> str:
        """The folder, where no link leads anywhere on the way: then only its files can be links."""
        full = str(self._root / folder)
        return full if os.path.realpath(full) == full else ""

    def _followed(self, path: str) -> str:
        try:
            full = (self._root / path).resolve()
        except RuntimeError:  # what Python 3.11 and 3.12 raise for a circle of links
            raise ValueError(f"{path} is a link to itself") from None
        if not full.is_relative_to(self._root):
            raise ValueError(f"{path} leads out of the project")
        if full != self._root / path:
            looked(self._root / path)  # a link may be turned elsewhere
        return str(full)

    def bytes(self, path: str) -> builtins.bytes:
        """The bytes of a text file. Raises OSError, ValueError (outside, or above 64 MB)."""
        full = self._inside(path)
        if full.is_file():
            if full.stat().st_size > MAX_TEXT:
                return full.open("rb").read(MAX_TEXT + 1)
        elif full.exists() and not full.is_dir():  # a pipe would be read for as long as it is open
            raise OSError(EINVAL, "it is no file", path)
        data = full.read_bytes()
        self.seen[path] = digest_of(data)
        return data

    def text(self, path: str) -> str:
        """The same as UTF-8 text."""
        return self.bytes(path).decode()

    def glob(self, pattern: str) -> list[str]:
        """Paths of files that match, relative to the project, sorted."""
        looked(self._root / pattern.partition("*")[0])  # a folder that is not there is not listed
        found = (p for p in self._root.glob(pattern) if p.is_file())
        return sorted(p.relative_to(self._root).as_posix() for p in found)

    def blob(self, source: File | Url | Data) -> Blob | None:
        """Digest, size, media type by content, and facts; None for an address that is not pinned.

        Raises OSError, ValueError, SpecError (a pin that cannot be read).
        """
        if isinstance(source, Url):
            return self._lock.input(source.url)
        if isinstance(source, Data):
            data = decoded(source.uri)
            return self._data(data)
        full, status = self._found(source.path)
        if status and status.st_size >= _LARGE and not self._digests.knows(full, status):
            self._read_ahead()
        try:
            hashed = self._digests.digest(full, status)
        except OSError:
            if os.path.isfile(full):
                raise
            raise FileNotFoundError(f"there is no file {source.path} in the project") from None
        self.seen[source.path] = hashed.digest
        media, facts = self._known(hashed.digest, full)
        return Blob(hashed.digest, hashed.size, media, facts)

    def _read_ahead(self) -> None:
        """With the first large file that nobody knows, read all of them at once."""
        names, self._ahead = self._ahead, tuple
        found = [self._found(name) for name in dict.fromkeys(names())]
        self._digests.ahead(
            full
            for full, status in found
            if status and status.st_size >= _LARGE and not self._digests.knows(full, status)
        )

    def _data(self, data: builtins.bytes) -> Blob:
        with self._scratch() as out:
            path = out / "data"
            path.write_bytes(data)
            media, facts = self._known(digest_of(data), path)
        return Blob(digest_of(data), len(data), media, facts)

    def look(self, digest: str, path: Path) -> Blob:
        """What these bytes of the store are. Raises ValueError."""
        media, facts = self._known(digest, path)
        return Blob(digest, path.stat().st_size, media, facts)

    def _known(self, digest: str, path: Path | str) -> tuple[str, Facts]:
        """Media type and facts, remembered by digest: probing a clip takes a process."""
        key = f"facts:{digest}"
        try:
            return _read_back(self._sheet.get(key) or "")
        except (ValueError, TypeError):
            media, facts = _looked_into(Path(path))
        self._sheet.put({key: json.dumps([media, asdict(facts)])})
        return media, facts

    def supply(self, source: Source, blob: Blob) -> None:
        """Put the planned bytes into the store. Raises KinoformError when the file has moved on."""
        from shutil import copyfile  # noqa: PLC0415  (brings three packers along)

        if self._home.store.has({blob.digest}):
            return
        with self._scratch() as out:
            copy = out / "input"
            if isinstance(source, Data):
                copy.write_bytes(decoded(source.uri))
            elif isinstance(source, File):
                copyfile(self._inside(source.path), copy)
            elif isinstance(source, Url):
                raise KinoformError(not_here(source.url))
            if self._home.store.add(copy, durable=False) != blob.digest:
                name = getattr(source, "path", "a data URI")
                raise KinoformError(
                    Problem("input-moved", f"{name} changed since it was read", hint="run again")
                )

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder for this moment."""
        from shutil import rmtree  # noqa: PLC0415  (brings three packers along)

        out = self._home.store.scratch()
        try:
            yield out
        finally:
            rmtree(out, ignore_errors=True)


def decoded(uri: str) -> bytes:
    """The bytes of a data URI. Raises ValueError."""
    head, comma, body = uri.partition(",")
    if not comma or not head.startswith("data:"):
        raise ValueError("this is no data URI")
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return binascii.a2b_base64(body, strict_mode=True)
    except binascii.Error as error:
        raise ValueError("the base64 of this data URI is damaged") from error


@lru_cache(maxsize=256)
def _read_back(text: str) -> tuple[str, Facts]:
    """Media type and facts as they are remembered; kept, as most files of a film have the same.

    Raises ValueError, TypeError.
    """
    media, facts = json.loads(text)
    return str(media), Facts(**facts)


def _looked_into(path: Path) -> tuple[str, Facts]:
    from kinoform.ops import pictures  # noqa: PLC0415  (a film without pictures needs none)

    media = pictures.sniff(path)
    try:
        return media, pictures.facts(path, media)
    except OpError as error:
        raise ValueError(f"{path.name}: {error.problems[0].message}") from error
