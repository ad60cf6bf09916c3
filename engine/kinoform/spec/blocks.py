"""One pipeline from several files: the blocks of the main file and of what it includes, as one.

A key stands in one file only; every entry keeps the place where it was written.
"""

from __future__ import annotations

from collections import deque
from dataclasses import field
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.errors import SpecError, in_order
from kinoform.spec.paths import path_fault, tidy
from kinoform.spec.tree import Map, Seq, Source, root_of, shown, where, where_key

if TYPE_CHECKING:
    from kinoform.core.errors import Where
    from kinoform.spec.loading import Loading
    from kinoform.spec.shape import Shape

LISTS = ("exports", "moved")
_ONLY_MAIN = {"kinoform": "the version", "name": "the name of the film"}


@dataclass(frozen=True, slots=True)
class Blocks:
    """The merged top level: maps by block, and the entries of the blocks that are lists."""

    name: str
    maps: dict[str, Map]
    lists: dict[str, list[tuple[Map, str]]]
    empty: Map

    def map(self, block: str) -> Map:
        """A block that is a map; an empty one if it was not written."""
        return self.maps.get(block, self.empty)


@dataclass(slots=True)
class _Merger:
    """Blocks under way, and the files that are still to be merged."""

    loading: Loading
    blocks: Blocks
    files: deque[tuple[str, Where | None]] = field(default_factory=deque)
    known: dict[str, Where | None] = field(default_factory=dict)

    def queue(self, path: str, asked: Where | None) -> None:
        """A file to be read, once."""
        spelled = path if path_fault(path) else tidy(path)
        if spelled in self.known:
            earlier = self.known[spelled]
            by = f" in {earlier}" if earlier else ", it is the pipeline itself"
            message = f"{shown(path)} is included already{by}"
            self.loading.add("included-twice", message, asked, "include a file once")
            return
        self.known[spelled] = asked
        self.files.append((path, asked))

    def add(self, tree: Map) -> None:
        """The blocks of one file."""
        for path, asked in _included(tree):
            self.queue(path, asked)
        for block, value in tree.items():
            if block in LISTS and isinstance(value, Seq):
                entries = [(e, f"{block}[{n}]") for n, e in enumerate(value) if isinstance(e, Map)]
                self.blocks.lists[block].extend(entries)
            elif isinstance(value, Map) and block != "include":
                self.merge(block, value, tree)

    def merge(self, block: str, value: Map, tree: Map) -> None:
        """The entries of one block."""
        first = self.blocks.maps.setdefault(block, value)
        if first is value:
            return
        if "from" in first or "from" in value:
            at = where_key(tree, [block])
            message = f"`{block}` comes from a file and is given in {where(first, [])} too"
            self.loading.add("duplicate-key", message, at, "keep one of them", block)
            return
        for key in value:
            if key in first:
                message = f"`{block}.{key}` is in {where_key(first, [key])} too"
                at = where_key(value, [key])
                self.loading.add("duplicate-key", message, at, "keep one", f"{block}.{key}")
            else:
                first.take(key, value)


def gather(loading: Loading, path: str, shape: Shape, included: Shape) -> Blocks:
    """Read the file at `path` and all that it includes; faults of form are noted at the loading.

    Raises SpecError when the file itself is no map: nothing more could be said about it.
    """
    merger = _Merger(
        loading, Blocks("", {}, {name: [] for name in LISTS}, Map(Source(path, b""), 0))
    )
    merger.queue(path, None)
    name = ""
    while merger.files:
        file, asked = merger.files.popleft()
        tree = _open(loading, file, asked)
        if tree is None and asked is None:
            raise SpecError(in_order(loading.problems))
        if tree is None:
            continue
        if asked is None:
            loading.extend(shape.check(tree))
            name = _name(tree)
        else:
            _refuse_main_keys(loading, tree)
            loading.extend(included.check(_without_main_keys(tree)))
        merger.add(tree)
    blocks = merger.blocks
    return Blocks(name, blocks.maps, blocks.lists, blocks.empty)


def _name(tree: Map) -> str:
    name = tree.get("name")
    return name if isinstance(name, str) else ""


def _open(loading: Loading, file: str, asked: Where | None) -> Map | None:
    found = loading.tree(file, asked)
    if not found:
        return None
    tree: Any = found[1]
    if isinstance(tree, Map):
        return tree
    seen = "the file is empty" if tree is None else f"{shown(tree)} is given"
    message = f"{seen}, a map of blocks is wanted"
    hint = "begin with `kinoform: 1`" if asked is None else "begin with a block such as `shots:`"
    loading.add("wrong-type", message, root_of(tree, tidy(file)), hint)
    return None


def _included(tree: Map) -> list[tuple[str, Where]]:
    value = tree.get("include")
    if isinstance(value, str):
        return [(value, where(tree, ["include"]))]
    paths = value if isinstance(value, Seq) else []
    at = enumerate(paths)
    return [(path, where(tree, ["include", n])) for n, path in at if isinstance(path, str)]


def _refuse_main_keys(loading: Loading, tree: Map) -> None:
    for key in _ONLY_MAIN.keys() & tree.keys():
        message = f"`{key}` ({_ONLY_MAIN[key]}) stands in the pipeline file, not in included ones"
        loading.add("main-file-only", message, where_key(tree, [key]), "remove it here", key)


def _without_main_keys(tree: Map) -> Map:
    rest = Map(tree.source, tree.offset)
    for key in tree:
        if key not in _ONLY_MAIN:
            rest.take(key, tree)
    return rest
