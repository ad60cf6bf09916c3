"""Reads YAML whose maps have many entries that are written alike, as programs write them.

The parser reads the file without what repeats itself: of entries that differ only in texts of one
line, it reads the first. What it makes of that one the others are too, with their own texts; that
holds for no text by which YAML could mean anything else. Wherever there is a doubt, the parser reads all.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kinoform.core.errors import SpecError
from kinoform.spec.skeletons import Entry, Kind, is_plain, kind_of, skeleton
from kinoform.spec.source import MAX_NODES, check_size, collector_paused, parse, read_source
from kinoform.spec.stamps import NotAlikeError, Stamp
from kinoform.spec.tree import Map, Seq, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["read_alike"]

_MOST: Final = 16 * 1024 * 1024  # one emoji makes the text of a file four times its size
_MOST_KINDS = 64
_MOST_ODD = 200  # entries, besides half of them: to look at all the others would not pay
_TOP = re.compile(r"\n(?=[^ \n#])")
_BLOCK = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):\n( +)(?=[A-Za-z_])")


class _Block(NamedTuple):
    """The entries of a map under a key of the top; those that the parser `reads`, by where they stand."""

    key: str
    start: int
    indent: int
    entries: Sequence[Entry]
    reads: Collection[int]


def read_alike(source: Source) -> Any:
    """The tree of a source, as `source.read_source` gives it. Raises SpecError."""
    check_size(source)
    is_small = len(source.data) <= _MOST or source.data.isascii()
    if is_small and b"\r" not in source.data:
        with collector_paused():
            tree = _quick(source)
        if tree is not None:
            return tree
    return read_source(source)


def _quick(source: Source) -> Map | None:
    try:
        text = source.data.decode()
        if not is_plain(source.data, text):
            return None
        blocks = [*_blocks(text)]
        rest = _Rest(source, text, [*_cuts(blocks)])
        return rest.tree(blocks) if len(text) > 2 * len(rest.text) else None
    except (NotAlikeError, SpecError, UnicodeDecodeError):
        return None


def _blocks(text: str) -> Iterator[_Block]:
    """The blocks of the top that begin in a line of their own."""
    tops = [0, *(found.end() for found in _TOP.finditer(text)), len(text)]
    for at, end in pairwise(tops):
        if found := _BLOCK.match(text, at, end):
            entries = [*_entries(text, found.start(2), end, len(found[2]))]
            firsts = {entry.kind or entry.start: entry for entry in reversed(entries)}
            reads = {entry.start for entry in (*firsts.values(), entries[-1])}
            yield _Block(found[1], at, len(found[2]), entries, reads)


class _Kinds:
    """The kinds of entry of one block. None is made for the first that looks so."""

    def __init__(self, text: str, indent: int) -> None:
        self._text, self._indent = text, indent
        self._seen: set[str] = set()
        self._known: dict[str, Kind | None] = {}

    def of(self, at: int, stop: int) -> Kind | None:
        """The kind of an entry, if it has one."""
        found = skeleton(self._text[at:stop])
        if found not in self._known and found in self._seen and len(self._known) < _MOST_KINDS:
            self._known[found] = kind_of(found, self._text, self._indent)
        self._seen.add(found)
        return self._known.get(found)


def _entries(text: str, at: int, end: int, indent: int) -> Iterator[Entry]:
    """One after the other; what follows two kinds mostly follows them again."""
    begins = re.compile(rf"\n(?= {{{indent}}}[^ \n#])")
    kinds = _Kinds(text, indent)
    after: dict[tuple[Kind | None, Kind | None], Kind | None] = {}
    last: tuple[Kind | None, Kind | None] = (None, None)
    count = odd = 0
    while at < end:
        guess = after.get(last)
        entry = guess.entry(at, end) if guess else None
        if entry is None:
            following = begins.search(text, at, end)
            stop = following.start() + 1 if following else end
            after[last] = kind = kinds.of(at, stop)
            entry = (kind and kind.entry(at, end)) or Entry(at, stop)
        yield entry
        at, last = entry.stop, (last[1], entry.kind)
        count, odd = count + 1, odd + (entry.kind is None)
        if odd > _MOST_ODD + count // 2:
            raise NotAlikeError


def _cuts(blocks: Sequence[_Block]) -> Iterator[tuple[int, int]]:
    """What the parser does not read: from where to where."""
    for block in blocks:
        for entry in block.entries:
            if entry.start not in block.reads:
                yield entry.start, entry.stop


class _Rest:
    """A source without what was cut out of it, for the parser. Raises NotAlikeError, SpecError."""

    def __init__(self, source: Source, text: str, cuts: Sequence[tuple[int, int]]) -> None:
        self._source = source
        begins = [0, *(stop for _, stop in cuts)]
        ends = [*(start for start, _ in cuts), len(text)]
        pieces = [text[start:stop] for start, stop in zip(begins, ends, strict=True)]
        self.text = "".join(pieces)
        self._begins = begins
        self._starts = [0, *accumulate(map(len, pieces))][:-1]

    def tree(self, blocks: Sequence[_Block]) -> Map:
        """The tree of the whole source."""
        rest = Source(self._source.file, self.text.encode())
        tree, problems, nodes = parse(rest)
        if problems or rest.notes or not isinstance(tree, Map):
            raise NotAlikeError
        self._settle(tree, set())
        for block in blocks:
            if len(block.reads) < len(block.entries):
                tree[block.key], more = _filled(tree, block)
                nodes += more
        if nodes > MAX_NODES:
            raise NotAlikeError
        return tree

    def _place(self, place: int) -> int:
        number = bisect_right(self._starts, place) - 1
        return place - self._starts[number] + self._begins[number]

    def _settle(self, node: Any, seen: set[int]) -> None:
        """Say of each part where it stands in the source itself."""
        if not isinstance(node, Map | Seq) or id(node) in seen:
            return
        seen.add(id(node))
        node.move(self._source, self._place)
        for child in node.values() if isinstance(node, Map) else node:
            self._settle(child, seen)


def _filled(tree: Map, block: _Block) -> tuple[Map, int]:
    """A block with all its entries, and how many of its values were not parsed."""
    read, nodes = _checked(tree, block), 0
    made, places = Map(read.source, read.offset), array("I")
    parsed = zip(read.items(), read.places[1::2], strict=True)
    stamps: dict[Kind, Stamp] = {}
    for entry in block.entries:
        start, kind = entry.start, entry.kind
        if start in block.reads:
            (name, value), place = next(parsed)
            if kind and kind not in stamps:
                stamps[kind] = Stamp(kind, entry, place, value)
        if kind:
            stamp, name = stamps[kind], entry.texts[0]
            value, place = stamp.value(entry), start + block.indent + len(name) + stamp.lead
            nodes += stamp.nodes + 1
        made[name] = value
        places.append(start + block.indent)
        places.append(place)
    if len(made) != len(block.entries):
        raise NotAlikeError
    made.places = places
    return made, nodes


def _checked(tree: Map, block: _Block) -> Map:
    """What was parsed of a block, if that are the entries which it was told to read."""
    read, here = tree.get(block.key), tree.mark(block.key)
    if not isinstance(read, Map) or not here or here[1] != block.start:
        raise NotAlikeError
    starts = [entry.start + block.indent for entry in block.entries if entry.start in block.reads]
    if [*read.places[::2]] != starts or len(read) != len(starts):
        raise NotAlikeError
    return read
