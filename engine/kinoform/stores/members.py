"""Facts of the files of a few folders, kept in columns: ten thousand are held against the disk at once.

As disposable as the sheet that they stand in: a text for each folder.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from operator import attrgetter
from struct import Struct, error
from typing import TYPE_CHECKING, Final, TypeAlias

from kinoform.stores.looks import looked_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.stores.sheet import Sheet

_Stamp: TypeAlias = "tuple[int, ...]"  # as the facts of `FileDigests` begin
_FILE: Final = "file:"
_FIELDS: Final = "st_size", "st_mtime_ns", "st_ctime_ns", "st_ino", "st_dev"
_PACKED: Final = Struct("<qqqQQ")
_stamp: Final = attrgetter(*_FIELDS)


class Members:
    """A `ports.Index` for the facts of `FileDigests`, read at first use and written by `save`."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._folders: dict[str, dict[str, tuple[_Stamp, str]]] = {}
        self._changed: set[str] = set()

    def get(self, key: str) -> str | None:
        """The fact of one file."""
        folder, _, name = key.removeprefix(_FILE).rpartition("/")
        found = self._of(folder).get(name)
        return json.dumps([*found[0], found[1]]) if found else None

    def put(self, items: Mapping[str, str]) -> None:
        """Remember the facts of these files until `save`; numbers that are too large are left out."""
        for key, fact in items.items():
            folder, _, name = key.removeprefix(_FILE).rpartition("/")
            *stamp, digest = json.loads(fact)
            with suppress(error):
                _PACKED.pack(*stamp)
                self._of(folder)[name] = tuple(stamp), digest
                self._changed.add(folder)

    def save(self) -> None:
        """Hand everything to the index, if there is news."""
        self._sheet.put({folder: _text(self._of(folder)) for folder in self._changed})
        self._sheet.save()
        self._changed = set()

    def differ(self, folder: str, wanted: Mapping[str, str]) -> list[str]:
        """Which members of a folder are not known to be files of these digests, by one look at each.

        What is not known, has changed, is a link or is not there is one of them.
        """
        stamps = _stamps([f"{folder}/{name}" for name in wanted])
        now = zip(stamps, wanted.values(), strict=True)
        rows = zip(wanted, map(self._of(folder).get, wanted), now, strict=True)
        other = [name for name, before, fact in rows if before != fact]
        looked_at(folder, {name: wanted[name] for name in wanted.keys() - other})
        return other

    def _of(self, folder: str) -> dict[str, tuple[_Stamp, str]]:
        if folder not in self._folders:
            self._folders[folder] = _read(self._sheet.get(folder) or "")
        return self._folders[folder]


def _stamps(paths: Sequence[str]) -> list[_Stamp]:
    """What the file system says of each, links themselves; nothing of what it cannot tell."""
    try:
        return [*map(_stamp, map(os.lstat, paths))]
    except OSError:
        return [*map(_look, paths)]


def _look(path: str) -> _Stamp:
    try:
        return tuple(_stamp(os.lstat(path)))
    except OSError:
        return ()


def _text(members: Mapping[str, tuple[_Stamp, str]]) -> str:
    """Names, what parts none of them; then all stamps, then all digests."""
    packed = b"".join([_PACKED.pack(*stamp) for stamp, _ in members.values()])
    return "/".join([*members, packed.hex(), " ".join([digest for _, digest in members.values()])])


def _read(text: str) -> dict[str, tuple[_Stamp, str]]:
    with suppress(ValueError, error):
        *names, packed, digests = text.split("/")
        stamps = _PACKED.iter_unpack(bytes.fromhex(packed))
        return dict(zip(names, zip(stamps, digests.split(" "), strict=True), strict=True))
    return {}
