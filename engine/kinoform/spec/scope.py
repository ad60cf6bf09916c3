"""From a document to the names that templates see, and the evaluation of trees under them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Where
from kinoform.spec.artifacts import finished
from kinoform.spec.speech import Speaks, TemplateFault
from kinoform.spec.template import Broken, Templates, holds_template
from kinoform.spec.tree import text_where, where
from kinoform.spec.values import Collection, Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kinoform.spec.collections import Collection as Rows
    from kinoform.spec.document import Document
    from kinoform.spec.report import Report

    # later(text, context) makes what stands for a value known after run, or raises
    Later = Callable[[str, Mapping[str, Any]], Any]

CAST = ("shots", "characters", "styles")


class Shelf(Speaks):
    """`data`: named collections."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self._collections = collections

    def names(self) -> Iterable[str]:
        """Names of the collections."""
        return self._collections

    def get(self, name: str) -> Collection:
        """The collection. Raises KeyError."""
        return self._collections[name]


class Scope:
    """The roots of every template of one document. `collections` has `shots` and `data.NAME`."""

    def __init__(self, document: Document, templates: Templates, report: Report) -> None:
        self._templates, self._report, self._given = templates, report, document.given
        shelf = {name: self._collection(rows) for name, rows in document.data.items()}
        cast = {name: self._collection(getattr(document, name)) for name in CAST}
        self.collections: dict[str, Collection] = cast | {
            f"data.{name}": collection for name, collection in shelf.items()
        }
        self.roots: dict[str, Any] = {
            "vars": Fields(("vars",), document.vars, self._variable),
            **cast,
            "data": Shelf(shelf),
        }

    def _collection(self, rows: Rows) -> Collection:
        resolve = None if rows.inert else self.resolve
        return Collection((rows.name,), rows.items, rows.omitted, resolve)

    def _variable(self, owner: Mapping[str, Any], key: str) -> Any:
        return owner[key] if key in self._given else self.resolve(owner, key)

    def resolve(self, owner: Mapping[str, Any], key: str) -> Any:
        """Render `owner[key]` under the roots. Raises Broken once its fault is reported."""
        before = self._report.errors
        value = self.evaluate(owner, (key,), self.roots)
        if self._report.errors > before:
            raise Broken
        return value

    def settle(self) -> None:
        """Render everything once, so that a fault in an unused value is found too."""
        for fields in (self.roots["vars"], *self._items()):
            for name in fields.names():
                try:
                    fields.get(name)
                except (Broken, TemplateFault):
                    continue

    def _items(self) -> Iterable[Fields]:
        for collection in self.collections.values():
            for key in () if collection.inert else collection.keys:
                try:
                    item = collection.get(key)
                except (Broken, TemplateFault):
                    continue
                if isinstance(item, Fields):
                    yield item

    def evaluate(
        self,
        root: Any,
        path: tuple[str | int, ...],
        context: Mapping[str, Any],
        who: str = "",
        later: Later | None = None,
    ) -> Any:
        """The tree at `root[path]` with every template rendered; faults go to the report.

        A leaf that broke is None in the result: ask the report before using it.
        """
        tree = root
        for part in path:
            tree = tree[part]
        return self._walk(root, path, tree, (context, who, later))

    def _walk(self, root: Any, path: tuple[str | int, ...], tree: Any, how: Any) -> Any:
        if isinstance(tree, str):
            return self._leaf(root, path, tree, how) if holds_template(tree) else tree
        if isinstance(tree, dict):
            return {key: self._walk(root, (*path, key), tree[key], how) for key in tree}
        if isinstance(tree, list):
            return [self._walk(root, (*path, n), item, how) for n, item in enumerate(tree)]
        return tree

    def _leaf(self, root: Any, path: tuple[str | int, ...], text: str, how: Any) -> Any:
        context, who, later = how
        try:
            return self.render(text, context, later)
        except Broken:
            self._report.errors += 1
        except TemplateFault as fault:
            self._report.fault(fault, _spot(fault, root, path), ".".join(map(str, path)), who)
        return None

    def render(self, text: str, context: Mapping[str, Any], later: Later | None = None) -> Any:
        """One leaf. Raises TemplateFault, Broken, and KnownLater when there is no `later`."""
        run = self._templates.leaf(text)
        if later is None:
            return finished(run(context))
        return later(text, context)


def _spot(fault: TemplateFault, root: Any, path: tuple[str | int, ...]) -> Where:
    """Where to mend it; a fault inside a partial also says which text took that in."""
    if not fault.partial:
        return text_where(root, path, fault.line) if fault.line else where(root, path)
    fault.message += f", taken in at {where(root, path)}"
    return Where(f"prompts/{fault.partial}", fault.line or 1, 1)


def all_normal(texts: Sequence[str]) -> list[str]:
    """Many texts as `normal` gives each."""
    joined = "".join(texts)
    each = str.strip if joined.isascii() and "\r" not in joined else normal
    return [*map(each, texts)]


def normal(value: Any) -> Any:
    """Text as it is sent and hashed: NFC, LF line ends, trimmed at both ends, never inside."""
    if isinstance(value, str):
        lines = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
        plain = lines.strip()
        return plain if plain.isascii() else unicodedata.normalize("NFC", plain)
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    return value
