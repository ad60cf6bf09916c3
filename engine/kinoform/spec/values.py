"""What templates see: variables, collections and their items. Each value is rendered once.

Lazy, so that a variable may use another one wherever it stands in the file; a value that uses
itself is a fault. Knows nothing of steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec.speech import Speaks, TemplateFault
from kinoform.spec.template import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    # resolve(owner, key) renders owner[key], and reports at its place what is wrong there
    Resolve: TypeAlias = Callable[[Mapping[str, Any], str], Any]

_BUSY, _BROKEN = object(), object()
EDGES = ("key", "prev", "next", "index")


def _as_it_stands(owner: Mapping[str, Any], key: str) -> Any:
    return owner[key]


class Fields(Speaks):
    """A map whose values are rendered at first use by `resolve`, then kept."""

    NOUN = "a map"

    def __init__(self, path: tuple[str, ...], tree: Mapping[str, Any], resolve: Resolve) -> None:
        self._path, self._tree, self._resolve = path, tree, resolve
        self._memo: dict[str, Any] = {}

    def names(self) -> Iterable[str]:
        """The keys."""
        return self._tree.keys()

    def get(self, name: str) -> Any:
        """The rendered value. Raises KeyError, TemplateFault (`circular-value`), Broken."""
        known = self._memo.get(name, self._memo)
        if known is self._memo:
            return self._render(name)
        if known is _BUSY:
            said = ".".join((*self._path, name))
            raise TemplateFault("circular-value", f"{said} is made from itself")
        if known is _BROKEN:
            raise Broken
        return known

    def _render(self, name: str) -> Any:
        if name not in self._tree:
            raise KeyError(name)
        self._memo[name] = _BUSY
        try:
            value = self._resolve(self._tree, name)
        except (Broken, TemplateFault):
            self._memo[name] = _BROKEN
            raise
        self._memo[name] = value
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._tree

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def __len__(self) -> int:
        return len(self._tree)


class Item(Fields):
    """One item of a collection: its fields, and where it stands in the cut."""

    NOUN = "a whole item"

    def __init__(self, home: Collection, key: str, tree: Any) -> None:
        fields = tree if isinstance(tree, dict) else {}
        super().__init__((*home.path, key), fields, home.resolve)
        self._home, self.key = home, key

    def __bool__(self) -> bool:
        """An item is there, even one without fields: `{% if shot.next %}` asks that."""
        return True

    def names(self) -> Iterable[str]:
        """Fields, then key, prev, next and index."""
        return (*self._tree, *EDGES)

    def get(self, name: str) -> Any:
        """A field, or `.key .prev .next .index`. Raises KeyError."""
        if name in EDGES:
            return self.key if name == "key" else self._home.edge(self.key, name)
        return super().get(name)


class TextItem(str, Speaks):
    """An item that is a text (a style): reads as that text, and knows its place."""

    __slots__ = ("_home", "key")
    _home: Collection
    key: str

    def names(self) -> Iterable[str]:
        """Key, prev, next and index."""
        return EDGES

    def get(self, name: str) -> Any:
        """`.key .prev .next .index`. Raises KeyError."""
        if name not in EDGES:
            raise KeyError(name)
        return self.key if name == "key" else self._home.edge(self.key, name)


def _text_item(home: Collection, key: str, text: str) -> TextItem:
    item = TextItem(text)
    item._home, item.key = home, key  # noqa: SLF001  (a str takes no arguments of its own)
    return item


class Collection(Speaks):
    """Items by key, in the order of the cut. Omitted ones keep their key and their index.

    Without `resolve` they are `inert`: data, of which nothing is rendered.
    """

    NOUN = "a collection"

    def __init__(
        self,
        path: tuple[str, ...],
        rows: Mapping[str, Any],
        omitted: Iterable[str],
        resolve: Resolve | None = None,
    ) -> None:
        self.inert = resolve is None
        self.path, self.resolve, self._rows = path, resolve or _as_it_stands, rows
        self._numbers = {key: number for number, key in enumerate(rows, 1)}
        gone = frozenset(omitted)
        self.keys = tuple(key for key in rows if key not in gone)
        self._places = {key: place for place, key in enumerate(self.keys)}
        self._items: dict[str, Any] = {}

    def names(self) -> Iterable[str]:
        """Keys of the items that are not omitted."""
        return self._places

    def get(self, key: str) -> Any:
        """The item.

        Raises KeyError for unknown and omitted keys, TemplateFault (`circular-value`), Broken.
        """
        if key not in self._places:
            raise KeyError(key)
        known = self._items.get(key, self)
        if known is self:
            return self._render(key)
        if known is _BUSY:
            said = ".".join((*self.path, key))
            raise TemplateFault("circular-value", f"{said} is made from itself")
        if known is _BROKEN:
            raise Broken
        return known

    def _render(self, key: str) -> Any:
        self._items[key] = _BUSY
        try:
            value = self._make(key)
        except (Broken, TemplateFault):
            self._items[key] = _BROKEN
            raise
        self._items[key] = value
        return value

    def column(self, field: str, keys: Iterable[str]) -> list[Any]:
        """A field of these items, where all have it as it stands. Raises KeyError, TypeError."""
        if not self.inert or field in EDGES:
            raise KeyError(field)
        rows = self._rows
        return [rows[key][field] for key in keys]

    def absent(self, name: str) -> str:
        """An omitted item is another thing than a wrong name."""
        return f"{name!r} is left out by `omit`" if self.omits(name) else super().absent(name)

    def omits(self, key: str) -> bool:
        """Whether the key is there and its item left out."""
        return key in self._numbers and key not in self._places

    def _make(self, key: str) -> Any:
        tree = self._rows[key]
        if isinstance(tree, dict):
            return Item(self, key, tree)
        value = self.resolve(self._rows, key)
        return _text_item(self, key, value) if isinstance(value, str) else value

    def edge(self, key: str, name: str) -> Any:
        """Neighbour or number of an item: `prev`, `next` (none at the ends), `index` from 1."""
        if name == "index":
            return self._numbers[key]
        near = self.neighbour(key, -1 if name == "prev" else 1)
        return None if near is None else self.get(near)

    def neighbour(self, key: str, step: int) -> str | None:
        """The key that many places further along the cut, or None."""
        place = self._places[key] + step
        return self.keys[place] if 0 <= place < len(self.keys) else None

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[Any]:
        return (self.get(key) for key in self.keys)

    def __len__(self) -> int:
        return len(self.keys)
