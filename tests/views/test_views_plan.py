"""Plans as rows, lines and one document."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from build_steps import Shelf, film, step, still

from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import File, Graph, Price, Reason, Ref
from kinoform.views import fold
from kinoform.views import plan as views

if TYPE_CHECKING:
    from kinoform.core.decisions import Plan


def planned(graph: Graph) -> Plan:
    return plan(graph, Shelf().world(), wish(graph))[0]


def test_a_row_says_id_verdict_why_and_price() -> None:
    graph = film(1)
    assert views.rows(views.outlined(planned(graph)), graph) == [
        ("still@s001", "run", "never made before", "$0.03"),
        ("clip@s001", "wait", "waits for still@s001", "≤ $1.00"),
        ("reel", "wait", "waits for clip@s001", ""),
    ]


def test_an_unknown_price_is_a_question_mark() -> None:
    assert views.price_text(None) == "?"
    assert views.price_text(Price()) == ""


def test_the_take_is_named_only_where_there_are_several() -> None:
    graph = build([replace(still("a", x=1), takes=2), still("b", x=2)])
    ids = [row[0] for row in views.rows(views.outlined(planned(graph)), graph)]
    assert ids == ["a#1", "a#2", "b"]


def test_inserted_frames_are_shown_when_asked_for() -> None:
    graph = build(
        [still("a", x=1), replace(step("a.last_frame", v=Ref("a")), hidden=True),
         still("b", f=Ref("a.last_frame"))]
    )  # fmt: skip
    found = planned(graph)
    assert [d.step for d, _ in views.shown(found, graph)] == ["a", "b"]
    assert len(views.shown(found, graph, everything=True)) == 3


def test_a_changed_input_is_named_by_what_stands_there() -> None:
    one = step("b", clips=[Ref("a@s1")], art=File("art/x.png"))
    assert views.said(Reason("input", "clips.0", "x", "y"), one) == "a@s1 changed (clips.0)"
    assert views.said(Reason("input", "art", "x", "y"), one) == "art/x.png changed (art)"
    assert views.said(Reason("input", "clips.0", "", "y"), one) == "clips.0 is new: a@s1"
    assert views.said(Reason("input", "gone", "x", ""), one) == "gone is gone"


def test_the_first_reasons_are_said_and_the_others_counted() -> None:
    reasons = tuple(Reason("changed", f"p{n}", "a", "b") for n in range(5))
    assert views.why(reasons, step("x")) == "p0: a → b; p1: a → b; 3 more"


def test_the_headline_counts_each_fate() -> None:
    graph = film(2)
    said = views.headline(views.outlined(planned(graph)))
    assert said == "5 steps: 2 to run, 3 to see once what they wait for is made"


def test_the_cost_is_a_range_where_it_is_one() -> None:
    assert views.cost(planned(film(2))) == "price: $2.06 expected, at least $0.06, at most $2.06"
    assert views.cost(planned(build([still("a", x=1)]))) == "price: $0.03"
    assert views.cost(planned(build([step("a", x=1)]))) == "price: nothing"


def test_an_unknown_price_is_named_beside_the_sum() -> None:
    graph = build([replace(still("a", x=1), price=None)])
    assert views.cost(planned(graph)) == "price: nothing, and an unknown amount for a"


def test_the_document_has_one_entry_for_each_take_and_money_as_text() -> None:
    graph = build([replace(still("a@s1", x=1), takes=2)])
    found = views.document("lamp", planned(graph), graph, Decimal("0.06"))
    assert found["price"] == {"floor": "0.06", "expected": "0.06", "worst": "0.06",
                              "currency": "USD"}  # fmt: skip
    assert found["price_real"] == "0.06"
    first = found["steps"][0]
    assert (first["id"], first["step"], first["item"], first["take"]) == ("a@s1#1", "a", "s1", 1)
    assert set(found["counts"]) == {"run", "reuse", "wait", "pick", "blocked", "skip", "lost"}
    assert first["provider"] == "acme"


# Folding


def test_a_short_plan_is_not_folded() -> None:
    graph = film(2)
    lots = views.outlined(planned(graph))
    assert fold.folded(lots, graph) == views.rows(lots, graph)


def test_steps_written_one_by_one_have_a_row_each_also_where_one_stands_for_all() -> None:
    graph = build([step(f"note-{number}", text=f"{number}") for number in range(50)])
    lots = views.outlined(planned(graph))
    nodes, ids, keys = (
        [*chain(*column)] for column in zip(*((o.nodes, o.ids, o.keys) for o in lots), strict=True)
    )
    together = [replace(lots[0], nodes=nodes, ids=ids, keys=keys)]
    assert fold.folded(together, graph) == views.rows(lots, graph)


def test_a_long_plan_has_one_row_for_each_fate_of_a_step() -> None:
    graph = film(30)
    assert fold.folded(views.outlined(planned(graph)), graph) == [
        ("still", "30 × run", "never made before", "$0.90"),  # noqa: RUF001  (the sign is meant)
        ("clip", "30 × wait", "waits for still", "≤ $30.00"),  # noqa: RUF001  (the sign is meant)
        ("reel", "wait", "waits for clip@s001", ""),
    ]


@pytest.mark.parametrize("shots", [2, 30])
def test_a_plan_is_told_alike_in_lots_and_one_by_one(shots: int) -> None:
    graph = build([replace(still(f"still@{n}", x=n), takes=2) for n in range(shots)])
    lots = views.outlined(planned(graph))
    single = [lot.of([row]) for lot in lots for row in range(len(lot))]
    assert len(single) > len(lots)
    assert fold.folded(lots, graph) == fold.folded(single, graph)
    assert views.headline(lots) == views.headline(single)


def test_a_few_among_many_are_named() -> None:
    graph = film(30)
    lots = [
        replace(lot, verdict="reuse", reasons=()) if lot.nodes[0][0] > 1 else lot
        for lot in views.outlined(planned(graph))
    ]
    rows = fold.folded(lots, graph)
    assert [row[0] for row in rows] == ["still@s001, still@s002", "still", "clip", "reel"]


def test_a_thousand_changed_texts_are_one_row() -> None:
    graph = film(1000)
    lots = [
        replace(lot, verdict="run", reasons=(Reason("changed", "prompt", f"a{n}", f"b{n}"),))
        for n, lot in enumerate(views.outlined(planned(graph)))
    ]
    assert [row[2] for row in fold.folded(lots, graph)[:2]] == ["prompt changed", "prompt changed"]
    assert len(fold.folded(lots, graph)) == 3


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    graph = film(30)
    first, *others = views.outlined(planned(graph))
    assert fold.folded([replace(first, price=None), *others], graph)[0][3] == "?"
