"""The laws of selections, on drawn graphs: they are sets, and `+` is a closure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawn_films import NAMED, TERMS, WORDS, graphs
from drawn_films import known as known_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kinoform.core.graph import closure
from kinoform.core.select import Known, select

if TYPE_CHECKING:
    from kinoform.core.types import Graph

FEW = settings(max_examples=40)


@FEW
@given(graphs(), known_of(), WORDS, WORDS)
def test_a_blank_is_union_however_it_is_written(graph: Graph, known: Known, a: str, b: str) -> None:
    both = select(graph, [f"{a} {b}"], known)
    assert both == select(graph, [a], known) | select(graph, [b], known)
    assert both == select(graph, [a, b], known) == select(graph, [b, a, a], known)


@FEW
@given(graphs(), known_of(), TERMS, TERMS)
def test_a_comma_is_intersection(graph: Graph, known: Known, a: str, b: str) -> None:
    both = select(graph, [f"{a},{b}"], known)
    assert both == select(graph, [a], known) & select(graph, [b], known)
    assert both == select(graph, [f"{b},{a},{a}"], known)


@FEW
@given(graphs(), known_of(), TERMS, TERMS, TERMS)
def test_intersection_binds_closer_than_union(
    graph: Graph, known: Known, a: str, b: str, c: str
) -> None:
    one = select(graph, [a], known)
    rest = select(graph, [f"{b},{c}"], known)
    assert select(graph, [f"{a} {b},{c}"], known) == one | rest


@FEW
@given(graphs(), known_of(), NAMED)
def test_plus_is_a_closure(graph: Graph, known: Known, what: str) -> None:
    start = select(graph, [what], known)
    above, below = closure(graph, start), closure(graph, start, up=False)
    assert select(graph, [f"+{what}"], known) == above
    assert select(graph, [f"{what}+"], known) == below
    assert select(graph, [f"+{what}+"], known) == above | below


@FEW
@given(graphs(), known_of(), NAMED, st.integers(0, 8))
def test_levels_grow_to_the_closure_and_no_further(
    graph: Graph, known: Known, what: str, levels: int
) -> None:
    nearer = select(graph, [f"{levels}+{what}+{levels}"], known)
    further = select(graph, [f"{levels + 1}+{what}+{levels + 1}"], known)
    assert select(graph, [what], known) <= nearer <= further
    assert select(graph, [f"9+{what}+9"], known) == select(graph, [f"+{what}+"], known)
