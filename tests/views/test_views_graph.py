"""Drawings: fan-outs as one node, edges that say how, text that cannot break out."""

from __future__ import annotations

from dataclasses import replace

from build_steps import Shelf, film, step, still

from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Graph, Ref
from kinoform.views import graph as views


def drawn(graph: Graph, *, everything: bool = False) -> views.Drawing:
    return views.drawing(plan(graph, Shelf().world(), wish(graph))[0], graph, everything=everything)


def labels(found: views.Drawing) -> dict[tuple[str, str], str]:
    return {(edge.of, edge.to): edge.label for edge in found.edges}


def test_a_fan_out_is_one_node_with_a_count_for_each_verdict() -> None:
    found = drawn(film(8))
    assert [(n.id, n.count, dict(n.verdicts)) for n in found.nodes] == [
        ("still", 8, {"run": 8}),
        ("clip", 8, {"wait": 8}),
        ("reel", 1, {"wait": 1}),
    ]


def test_the_same_item_needs_no_label_and_a_list_says_all() -> None:
    assert labels(drawn(film(3))) == {("still", "clip"): "", ("clip", "reel"): "all"}


def test_edges_to_a_neighbour_say_prev_and_next() -> None:
    graph = build(
        [
            *(still(f"a@s{n}", x=n) for n in (1, 2, 3)),
            still("b@s1", first=Ref("a@s1"), last=Ref("a@s2")),
            still("b@s2", first=Ref("a@s2"), last=Ref("a@s3")),
            still("b@s3", first=Ref("a@s3")),
        ]
    )
    assert labels(drawn(graph)) == {("a", "b"): "next"}


def test_a_chain_over_frames_is_an_edge_of_the_step_to_itself() -> None:
    graph = build(
        [
            still("clip@s1", x=1),
            still("clip@s2", first=Ref("clip@s1.last_frame")),
            replace(step("clip@s1.last_frame", video=Ref("clip@s1")), hidden=True),
        ]
    )
    found = drawn(graph)
    assert labels(found) == {("clip", "clip"): "prev last_frame"}
    assert [node.id for node in found.nodes] == ["clip"]


def test_one_item_by_name_is_labelled_with_it() -> None:
    graph = build([still("a@s1", x=1), still("a@s2", x=2), still("poster", f=Ref("a@s2"))])
    assert labels(drawn(graph)) == {("a", "poster"): "s2"}


def test_neighbours_in_another_collection_are_no_neighbours() -> None:
    graph = build(
        [
            still("cast@mara", x=1),
            still("cast@ines", x=2),
            still("shot@s1", who=Ref("cast@ines")),
            still("shot@s2", who=Ref("cast@mara"), also=Ref("cast@ines")),
        ]
    )
    assert labels(drawn(graph)) == {("cast", "shot"): "ines, mara"}


def test_order_alone_is_an_edge_too() -> None:
    graph = build([step("a", x=1), replace(step("b", x=2), needs=("a",))])
    assert labels(drawn(graph)) == {("a", "b"): "then"}


def test_unfolded_every_instance_and_frame_is_a_node() -> None:
    graph = film(2)
    found = drawn(graph, everything=True)
    assert [node.id for node in found.nodes] == [s.id for s in graph.steps]
    assert len(found.edges) == 4


def test_names_cannot_break_out_of_a_drawing() -> None:
    found = drawn(build([still('a"]; click x', x=1)]))
    assert "a#34;#93;#59; click x" in views.mermaid(found)
    assert '"a\\"]; click x"' in views.dot(found)


def test_a_drawing_is_text_in_two_languages_and_plain_data() -> None:
    found = drawn(film(2))
    assert views.text(found, "mermaid").startswith("flowchart LR\n")
    assert views.text(found, "dot").startswith("digraph kinoform {\n")
    data = views.document("lamp", found)
    assert data["edges"][1] == {"from": "clip", "to": "reel", "label": "all"}
