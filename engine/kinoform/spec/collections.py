"""Collections of items by key: written in place, one CSV file, or YAML files.

Keys are identities and their order is the cut. What comes from files is data, never a template.
"""

from __future__ import annotations

from posixpath import basename, splitext
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from kinoform.core.classes import dataclass
from kinoform.spec.names import (
    FIELDS,
    ITEM_WORDS,
    NAME_HINT,
    all_sound,
    did_you_mean,
    folded,
    name_fault,
)
from kinoform.spec.table import read_table
from kinoform.spec.tree import Map, Source, root_of, shown, where, where_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.core.errors import Where
    from kinoform.spec.loading import Loading
    from kinoform.spec.tree import Mark

_TOLD = FIELDS | {"omit"}  # fields of which there may be something to say
_WILD = frozenset("*?[")
_TREES = frozenset({".yaml", ".yml", ".json"})
_KINDS: dict[str, tuple[type, ...]] = {
    "shots": (dict,),
    "characters": (dict,),
    "styles": (dict, str),
}


@dataclass(frozen=True, slots=True)
class Collection:
    """Items by key, in the order of the cut, those left out (`omit: true`) included.

    `name` is `shots` or `data.NAME`. `inert` items come from files: their text is never rendered.
    """

    name: str
    items: Map
    omitted: frozenset[str]
    inert: bool

    @property
    def order(self) -> tuple[str, ...]:
        """All keys."""
        return tuple(self.items)

    def where(self, key: str) -> Where:
        """The place of the key of an item (of its row, of its file)."""
        return where_key(self.items, [key])


class _Collector:
    """Items under way: each key is judged as it comes."""

    def __init__(self, loading: Loading, name: str, tree: Map, *, inert: bool) -> None:
        self.loading, self.name, self.inert = loading, name, inert
        self.items = Map(tree.source, tree.offset)
        self.omitted: set[str] = set()
        self.seen: dict[str, str] = {}
        self.kinds = _KINDS.get(name, (object,))

    def add(self, key: str, item: Any, mark: Mark) -> None:
        """One item, if its key is new."""
        if not key.isascii():
            key = normalize("NFC", key)
        fault = name_fault(key, ITEM_WORDS)
        if fault:
            self.fault("bad-name", key, mark, f"the key {shown(key)} {fault}", NAME_HINT)
        other = self.seen.setdefault(folded(key), key)
        if key in self.items or other != key:
            self.fault("same-name", key, mark, self.clash(key, other), "keep one, or rename it")
            return
        self.items.put(key, item, mark)
        self.judge(key, item, mark)

    def are_sound(self, keys: Sequence[Any], fields: Iterable[str]) -> bool:
        """Whether nothing can be said of first items with such keys and fields; False where in doubt."""
        plain = {*map(type, keys)} == {str} and _TOLD.isdisjoint(fields)
        return plain and not self.items and all_sound(keys, ITEM_WORDS)

    def clash(self, key: str, other: str) -> str:
        """The sentence for two keys that are one."""
        if other not in self.items:
            return f"the key {shown(key)} stands twice"
        why = "" if key == other else f" differs from {shown(other)} in case only; that one"
        return f"the key {shown(key)}{why} is in {where_key(self.items, [other])} too"

    def judge(self, key: str, item: Any, mark: Mark) -> None:
        """The value of an item: its kind, its fields, whether it is left out."""
        if self.inert and not isinstance(item, self.kinds):
            self.fault("wrong-type", key, mark, f"{shown(item)} is given, a map is wanted")
        if not isinstance(item, dict):
            return
        for field in () if FIELDS.isdisjoint(item) else FIELDS & item.keys():
            message = f"`{field}` is what every item has by itself"
            at = where_key(item, [field]) if isinstance(item, Map) else None
            self.loading.add(
                "reserved-field", message, at, "call it something else", self.path(key)
            )
        omit = item.get("omit", False)
        if omit is True:
            self.omitted.add(key)
        elif omit is not False and self.inert and omit is not None:
            message = f"{shown(omit)} is given, true or false is wanted"
            self.fault("wrong-type", f"{key}.omit", mark, message, "write true or false")

    def fault(self, code: str, key: str, mark: Mark, message: str, hint: str = "") -> None:
        """A fault at an item."""
        self.loading.add(code, message, mark[0].place(mark[1]), hint, self.path(key))

    def path(self, key: str) -> str:
        """The dotted path of an item."""
        return f"{self.name}.{key}"

    def done(self) -> Collection:
        """What was collected."""
        omitted = frozenset(self.omitted)
        return Collection(self.name, self.items, omitted, self.inert)


def collect(loading: Loading, name: str, tree: Map) -> Collection:
    """The collection that a block declares, with every fault noted at the loading."""
    source = tree.get("from")
    if not isinstance(source, str):
        return _in_place(loading, name, tree)
    collector = _Collector(loading, name, tree, inert=True)
    asked = where(tree, ["from"])
    kind = splitext(source)[1].lower()
    if kind == ".csv" and not _WILD & set(source):
        _from_table(collector, tree, source)
    elif kind not in _TREES:
        hint = "use one .csv file, one .yaml file, or a pattern such as shots/*.yaml"
        loading.add(
            "bad-form", f"{shown(source)} is no source of items", asked, hint, f"{name}.from"
        )
    elif _WILD & set(source):
        for path in loading.glob(source, asked):
            _from_file(collector, tree, path)
    else:
        _from_map(collector, tree, source)
    if kind in _TREES and "text" in tree:
        hint = "in YAML put text in quotes"
        loading.add("bad-form", "`text` is for CSV files", where_key(tree, ["text"]), hint)
    return collector.done()


def _in_place(loading: Loading, name: str, tree: Map) -> Collection:
    collector = _Collector(loading, name, tree, inert=False)
    for key, item in tree.items():
        collector.add(key, item, tree.mark(key) or (tree.source, tree.offset, tree.offset))
    return collector.done()


def _from_map(collector: _Collector, tree: Map, path: str) -> None:
    loading = collector.loading
    if "key" in tree:
        hint = "the keys of the map are the keys of the items"
        loading.add("bad-form", "`key` is for CSV and patterns", where_key(tree, ["key"]), hint)
    found = loading.tree(path, where(tree, ["from"]))
    if not found:
        return
    _, items = found
    if not isinstance(items, Map):
        hint = "use a map: the key is the identity, and the order stays"
        message = f"{shown(items)} is given, a map of items is wanted"
        loading.add("wrong-type", message, root_of(items, path), hint)
        return
    for key, item in items.items():
        collector.add(key, item, items.mark(key) or (items.source, items.offset, items.offset))


def _from_file(collector: _Collector, tree: Map, path: str) -> None:
    """One file, one item."""
    found = collector.loading.tree(path, where(tree, ["from"]))
    if not found:
        return
    source, item = found
    field = tree.get("key")
    if not isinstance(field, str):
        collector.add(splitext(basename(path))[0], item, (source, 0, 0))
        return
    key = item.get(field) if isinstance(item, Map) else None
    if isinstance(key, str) and isinstance(item, Map):
        collector.add(key, item, item.mark(field) or (source, 0, 0))
        return
    message = f"`{field}`, the key, is {shown(key)}; text is wanted"
    hint = f'write `{field}: "..."`' if key is None else f'put it in quotes: "{shown(key)[1:-1]}"'
    collector.loading.add("bad-key", message, root_of(item, path), hint)


def _from_table(collector: _Collector, tree: Map, path: str) -> None:
    """One CSV file, one item per row."""
    loading = collector.loading
    source = loading.sized(path, where(tree, ["from"]))
    if source is None:
        return
    table = read_table(source, _words(tree, "text") | _words(tree, "key"))
    loading.extend(table.problems)
    if not table.columns:
        return
    for name in ("key", "text"):
        _check_columns(loading, tree, name, table.columns)
    column = tree.get("key")
    if not isinstance(column, str):
        hint = f"for example `key: {shown(table.columns[0])[1:-1]}`"
        message = "a CSV file needs `key`: the column that is the identity"
        loading.add("missing-key", message, where(tree, ["from"]), hint, f"{collector.name}.key")
        return
    keys: list[Any] = [row.get(column) for row in table.rows]
    if collector.are_sound(keys, table.columns):
        marks = [(source, row.offset, row.offset) for row in table.rows]
        collector.items.put_all(keys, table.rows, marks)
        return
    for row in table.rows:
        _add_row(collector, row, column, source)


def _add_row(collector: _Collector, row: Map, column: str, source: Source) -> None:
    key = row.get(column)
    if isinstance(key, str):
        collector.add(key, row, (source, row.offset, row.offset))
    elif column in row:
        message = f"this row has no {shown(column)}, which is the key"
        collector.loading.add("bad-key", message, source.place(row.offset))


def _words(tree: Map, name: str) -> frozenset[str]:
    value = tree.get(name)
    words = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(word for word in words if isinstance(word, str))


def _check_columns(loading: Loading, tree: Map, name: str, columns: tuple[str, ...]) -> None:
    for word in sorted(_words(tree, name) - set(columns)):
        message = f"there is no column {shown(word)}"
        loading.add("unknown-column", message, where(tree, [name]), did_you_mean(word, columns))
