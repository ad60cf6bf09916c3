"""Order, circles and reach of a graph of steps."""

from __future__ import annotations

import pytest
from build_steps import film, step
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.errors import SpecError
from kinoform.core.graph import build, closure, sinks
from kinoform.core.types import Ref


def test_the_order_follows_the_file_where_it_can() -> None:
    graph = build([step("c", x=Ref("a")), step("a"), step("b")])
    assert [graph.steps[n].id for n in graph.order] == ["a", "c", "b"]


def test_a_circle_is_named_edge_by_edge_with_places() -> None:
    with pytest.raises(SpecError) as caught:
        build([step("a", x=Ref("b")), step("b", x=Ref("c")), step("c", x=Ref("a"))])
    (problem,) = caught.value.problems
    assert problem.code == "cycle"
    assert "a needs b needs c needs a" in problem.message
    assert "pipeline.yaml:1:1" in problem.hint


def test_a_film_comes_together_in_its_reel() -> None:
    graph = film(3)
    assert {graph.steps[n].id for n in sinks(graph, range(len(graph.steps)))} == {"reel"}
    assert len(closure(graph, [graph.index["reel"]])) == len(graph.steps)
    assert len(closure(graph, [graph.index["still@s001"]], up=False)) == 3


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=30))
def test_every_step_comes_after_all_it_needs(wanted: list[list[int]]) -> None:
    steps = [
        step(f"n{n}", x=[Ref(f"n{m}") for m in needs if m < n]) for n, needs in enumerate(wanted)
    ]
    graph = build(steps)
    place = {number: spot for spot, number in enumerate(graph.order)}
    assert all(place[m] < place[n] for n, needs in enumerate(graph.needs) for m in needs)
