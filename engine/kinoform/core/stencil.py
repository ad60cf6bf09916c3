"""Requests of one shape as one canonical text, cut open where they differ.

To walk through a request, write it as JSON and sort its keys takes ten times as long as to put the
few texts that are its own between those that all of its shape share.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from kinoform.core.canon import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HOLE = r'"\\u0000([0-9]+)\\u0000"'  # as JSON writes what no file of ours can hold


class Stencil:
    """The text between the holes, and which of the fillings goes into each hole."""

    __slots__ = ("_order", "_parts")

    def __init__(self, parts: Sequence[str], order: Sequence[int]) -> None:
        self._parts, self._order = list(parts), list(order)

    def text(self, texts: Sequence[str], inputs: Sequence[str]) -> str:
        """The canonical text of a request; `inputs` are written as JSON already."""
        given = [*map(quoted, texts), *inputs]
        parts = self._parts.copy()
        parts[1::2] = [given[number] for number in self._order]
        return "".join(parts)

    def texts(self, columns: Sequence[Sequence[str]], around: tuple[str, str]) -> list[str]:
        """The canonical texts of many requests between the same words, a column for each filling.

        All columns are written as JSON already.
        """
        fixed = [
            part.replace("%", "%%") for part in (around[0] + self._parts[0], *self._parts[2::2])
        ]
        pattern = "%s".join([*fixed[:-1], fixed[-1] + around[1].replace("%", "%%")])
        return [pattern % row for row in zip(*[columns[n] for n in self._order], strict=True)]


class Filled(dict[str, Any]):
    """A request of a known shape, with the texts that are its own. Whatever is made of it is plain."""

    __slots__ = ("stencil", "texts")
    stencil: Stencil
    texts: Sequence[str]

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


def cut(params: Mapping[str, Any], texts: Sequence[Any], inputs: Sequence[Any]) -> Stencil | None:
    """The stencil of a request with holes where these objects stand, each once.

    None where they do not. Raises ValueError as `canon.dumps` does.
    """
    holes = {id(leaf): f"\0{n}\0" for n, leaf in enumerate([*texts, *inputs])}
    parts = re.split(_HOLE, dumps(_marked(params, holes)))
    order = [int(number) for number in parts[1::2]]
    return Stencil(parts, order) if sorted(order) == list(range(len(holes))) else None


def _marked(tree: Any, holes: Mapping[int, str]) -> Any:
    if id(tree) in holes:
        return holes[id(tree)]
    if isinstance(tree, dict):
        return {key: _marked(item, holes) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return [_marked(item, holes) for item in tree]
    return tree
