"""Plain data that remembers where it was written: maps, lists and the places of their parts.

Knows files only as a name and bytes. Places are kept as character offsets and turned into lines
when somebody asks, because a file of 10,000 steps has 200,000 places and shows none of them.
"""

from __future__ import annotations

import io
import re
import unicodedata
from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.core.errors import Where
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_BOM = b"\xef\xbb\xbf"
_LONE_CR = rb"\r(?!\n)"
_FEW = 16  # places, that are counted for in the time that it takes to find where all lines begin
_LITERAL = re.compile(r"(?:&\S+\s+)?\|")
_UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class Source:
    """One file under its path in the project, without a byte order mark, lone CR as LF.

    `notes` are remarks made while reading: (offset, code, the words seen).
    """

    __slots__ = ("_asked", "_bytes", "_chars", "data", "file", "notes")

    def __init__(self, file: str, data: bytes) -> None:
        data = data.removeprefix(_BOM)
        self.file = file
        self.data = re.sub(_LONE_CR, b"\n", data) if b"\r" in data else data
        self.notes: list[tuple[int, str, str]] = []
        self._asked = 0
        self._chars: array[int] | None = None
        self._bytes: array[int] | None = None

    def starts(self) -> array[int]:
        """The character offset of every line. Never decodes the whole file at once."""
        if self._chars is None:
            self._bytes = _begin(map(len, io.BytesIO(self.data)))
            ascii_only = self.data.isascii()
            self._chars = self._bytes if ascii_only else _begin(map(_width, io.BytesIO(self.data)))
            if len(self._chars) > 1 and not self.data.endswith(b"\n"):
                self._chars.pop()  # the end of the file is not the beginning of a line
        return self._chars

    def place(self, offset: int) -> Where:
        """The line and column of a character offset."""
        if self._chars is None and self._asked < _FEW and self.data.isascii():
            self._asked += 1
            line = self.data.count(b"\n", 0, offset) + 1
            return Where(self.file, line, offset - self.data.rfind(b"\n", 0, offset))
        starts = self.starts()
        line = bisect_right(starts, offset)
        return Where(self.file, line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line counted from 1, with its line break."""
        last = number >= len(self.starts())
        begin = self._bytes[number - 1] if self._bytes else 0
        end = len(self.data) if last or not self._bytes else self._bytes[number]
        return self.data[begin:end].decode("utf-8", "replace")

    def at(self, offset: int, size: int = 1) -> str:
        """Characters of one line from an offset."""
        place = self.place(offset)
        return self.line(place.line)[place.col - 1 : place.col - 1 + size]


def _begin(lengths: Iterable[int]) -> array[int]:
    return array("I", accumulate(lengths, initial=0))


def _width(line: bytes) -> int:
    return len(line.decode("utf-8", "replace"))


# Copied for each map and list: that a new one is made, the interpreter reports to who listens.
_NOWHERE = array("I")

Mark: TypeAlias = tuple[Source, int, int]


class Map(dict[str, Any]):
    """A mapping. `places` holds the offsets of key and value of its own entries, in order.

    Two numbers an entry instead of a tuple in a second dict: half the memory of the whole tree.
    Entries taken from elsewhere come after the own ones and keep the marks that they have there.
    """

    __slots__ = ("_index", "_taken", "offset", "places", "source")

    def __init__(self, source: Source, offset: int) -> None:
        super().__init__()
        self.source, self.offset = source, offset
        self.places = _NOWHERE[:]
        self._index: dict[str, int] | None = None
        self._taken: dict[str, Mark] | None = None

    def mark(self, key: str | int) -> Mark | None:
        """(source, offset of the key, offset of the value), or None for a key that is not here."""
        if self._taken and key in self._taken:
            return self._taken[str(key)]
        if self._index is None:
            self._index = dict(zip(self, range(0, len(self.places), 2), strict=False))
        at = self._index.get(key) if isinstance(key, str) else None
        return None if at is None else (self.source, self.places[at], self.places[at + 1])

    def take(self, key: str, other: Map) -> None:
        """Set one entry to that of another mapping, place and all."""
        mark = other.mark(key)
        self.put(key, other[key], mark or (other.source, other.offset, other.offset))

    def put(self, key: str, value: Any, mark: Mark) -> None:
        """Set one entry that was written elsewhere."""
        self[key] = value
        self._taken = self._taken or {}
        self._taken[key] = mark

    def put_all(self, keys: Iterable[str], values: Iterable[Any], marks: Iterable[Mark]) -> None:
        """Set many entries that were written elsewhere."""
        keys = [*keys]
        self.update(zip(keys, values, strict=True))
        self._taken = {**(self._taken or {}), **dict(zip(keys, marks, strict=True))}

    def stand(self, source: Source, offset: int, places: array[int]) -> None:
        """Say where it stands, and its own entries."""
        self.source, self.offset, self.places = source, offset, places
        self._index = self._taken = None

    def move(self, source: Source, place: Callable[[int], int]) -> None:
        """Say that all of it stands in another source, each part at another place."""
        self.source, self.offset = source, place(self.offset)
        self.places = array("I", map(place, self.places))
        for key, (_, at, value) in (self._taken or {}).items():
            self.put(key, self[key], (source, place(at), place(value)))


class Row(Map):
    """A mapping that is one line: every place in it is where that begins."""

    __slots__ = ()

    def __init__(self, source: Source, offset: int, entries: Iterable[tuple[str, Any]]) -> None:
        dict.__init__(self, entries)
        self.source, self.offset, self._taken = source, offset, None

    def mark(self, key: str | int) -> Mark | None:
        """(source, offset of the line, the same again), or None for a key that is not here."""
        if self._taken and key in self._taken:
            return self._taken[str(key)]
        return (self.source, self.offset, self.offset) if key in self else None


class Seq(list[Any]):
    """A list. `places[i]` is the offset of item i."""

    __slots__ = ("offset", "places", "source")

    def __init__(self, source: Source, offset: int) -> None:
        super().__init__()
        self.source, self.offset = source, offset
        self.places = _NOWHERE[:]

    def stand(self, source: Source, offset: int, places: array[int]) -> None:
        """Say where it stands, and its items."""
        self.source, self.offset, self.places = source, offset, places

    def move(self, source: Source, place: Callable[[int], int]) -> None:
        """Say that all of it stands in another source, each part at another place."""
        self.source, self.offset = source, place(self.offset)
        self.places = array("I", map(place, self.places))


def where(tree: Map | Seq, path: Sequence[str | int]) -> Where:
    """The place of the value at `path`, or of the nearest thing above it that exists."""
    source, offset = _value_mark(tree, path)
    return source.place(offset)


def where_key(tree: Map | Seq, path: Sequence[str | int]) -> Where:
    """The place of the last key of `path`; for a list item the place of the item."""
    parent = _reach(tree, path[:-1])
    mark = parent.mark(path[-1]) if path and isinstance(parent, Map) else None
    return mark[0].place(mark[1]) if mark else where(tree, path)


def text_where(tree: Map | Seq, path: Sequence[str | int], template_line: int) -> Where:
    """The place of line `template_line` (from 1) of the text at `path`.

    Exact in a literal block (`|`); folded and quoted text gives the place where it begins,
    because their line breaks are not those of the file.
    """
    start = where(tree, path)
    source = _value_mark(tree, path)[0]
    if not _LITERAL.match(source.line(start.line), start.col - 1):
        return start
    number = min(start.line + template_line, len(source.starts()))
    line = source.line(number)
    return Where(start.file, number, len(line) - len(line.lstrip(" ")) + 1)


def root_of(value: Any, name: str) -> Where:
    """The place of a whole value: its own if it has one, else the beginning of the file."""
    return where(value, ()) if isinstance(value, Map | Seq) else Where(name, 1, 1)


def shown(value: Any) -> str:
    """A value as it may stand in a message: short, on one line, nothing invisible."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else str(value)[:200]
    clean = "".join("?" if unicodedata.category(c) in _UNSHOWN else c for c in text)
    return f"`{short(clean, 60)}`"


def _reach(tree: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        inside = part in tree if isinstance(tree, Map) else _has_item(tree, part)
        if not inside:
            return None
        tree = tree[part]
    return tree


def _has_item(tree: Any, part: str | int) -> bool:
    return isinstance(tree, Seq) and isinstance(part, int) and 0 <= part < len(tree)


def _value_mark(tree: Map | Seq, path: Sequence[str | int]) -> tuple[Source, int]:
    node: Any = tree
    place = (tree.source, tree.offset)
    for part in path:
        mark = node.mark(part) if isinstance(node, Map) else None
        if mark:
            place = (mark[0], mark[2])
        elif _has_item(node, part):
            place = (node.source, node.places[int(part)])
        else:
            break
        node = node[part]
    return place
