"""The manifests of a plan by node, most of which are never asked for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.core.manifest import unspelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.core.types import Graph

Node: TypeAlias = tuple[int, int]  # a step by its number, and one of its takes


class Manifests(Mapping[Node, dict[str, Any]]):
    """Manifests by node, in the order in which they came to be known.

    Most are never asked for: of a request that was spelled, only how its inputs were is kept.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._told: dict[Node, dict[str, Any] | Sequence[str]] = {}

    def put(self, node: Node, told: dict[str, Any] | Sequence[str]) -> None:
        """Keep a manifest, or how the inputs of one were spelled."""
        self._told[node] = told

    def put_all(self, nodes: Sequence[Node], columns: Sequence[Sequence[str]]) -> None:
        """Keep how the inputs of many were spelled, a column for each input."""
        rows = zip(*columns, strict=True) if columns else repeat(())
        self._told.update(zip(nodes, rows, strict=False))

    def __getitem__(self, node: Node) -> dict[str, Any]:
        """The manifest of a node. Raises KeyError while it is not known."""
        told = self._told[node]
        if not isinstance(told, dict):
            told = self._told[node] = unspelled(self._graph.steps[node[0]], node[1], told)
        return told

    def __iter__(self) -> Iterator[Node]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)
