"""Decisions in lots: what they say together is what each says by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

from build_steps import step
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.decisions import Decisions, Lot
from kinoform.core.money import total
from kinoform.core.types import Price, Reason, Verdict

CENTS = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 1000)
VERDICTS = st.sampled_from(get_args(Verdict))
PRICES = st.none() | st.builds(lambda a, b, c: Price(a, a + b, a + b + c), CENTS, CENTS, CENTS)


@st.composite
def lots(draw: st.DrawFn) -> list[Lot]:
    """Nodes dealt out to lots, so that those of one lie between those of others."""
    count = draw(st.integers(1, 4))
    hands: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for number in range(draw(st.integers(0, 12))):
        hands[draw(st.integers(0, count - 1))] += [(number, 1), (number, 2)]
    return [
        Lot(
            pattern=step("x"),
            verdict=draw(VERDICTS),
            reasons=(Reason("new"),),
            price=draw(PRICES),
            nodes=nodes,
            ids=[f"x@{number}" for number, _ in nodes],
            keys=[f"{number}-{take}" for number, take in nodes],
        )
        for nodes in hands
        if nodes
    ]


@given(lots())
def test_decisions_come_in_file_order_whichever_lots_they_lie_in(found: list[Lot]) -> None:
    decisions = Decisions(found)
    nodes = sorted(node for lot in found for node in lot.nodes)
    assert [(d.step, d.take) for d in decisions] == [(f"x@{n}", take) for n, take in nodes]
    assert [d.key for d in decisions] == [f"{number}-{take}" for number, take in nodes]
    assert len(decisions) == len(nodes)


@given(lots())
def test_the_price_of_all_is_the_sum_of_each(found: list[Lot]) -> None:
    decisions = Decisions(found)
    assert decisions.price == total(d.price for d in decisions)
    assert decisions.unpriced == tuple(d.step for d in decisions if d.price is None)


@given(lots())
def test_the_active_ones_are_those_that_run_or_wait(found: list[Lot]) -> None:
    decisions = Decisions(found)
    assert decisions.active == [d for d in decisions if d.verdict in ("run", "wait")]


@given(lots(), st.data())
def test_some_rows_of_a_lot_say_what_they_said(found: list[Lot], data: st.DataObject) -> None:
    for lot in found:
        rows = data.draw(st.lists(st.sampled_from(range(len(lot))), min_size=1, unique=True))
        some = lot.of(sorted(rows))
        assert [*Decisions([some])] == [lot.decision(row) for row in sorted(rows)]


def test_where_nothing_is_decided_there_is_nothing() -> None:
    assert Decisions(()) == ()
    assert Decisions(()).price == Price()
