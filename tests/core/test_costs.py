"""What was spent and for what: exact sums that agree however they are grouped."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paid_work import FILM, NOON, Work, total

from kinoform.core import costs
from kinoform.core.costs import GROUPS, Spent, Sums, alone, grouped, of_result, of_task, wasted


def day(at: float) -> str:
    return f"day {int(at - NOON) // 86_400}"


def spent(work: Work) -> list[Spent]:
    return [of_task(task, day) for task in work.tasks()]


def sums(work: Work) -> Sums:
    return costs.total(spent(work))


def test_what_was_bought_was_estimated_and_paid() -> None:
    work = Work()
    work.bought("clip@s020", "0.56")
    (row,) = spent(work)
    assert row.sums == Sums(tasks=1, estimate=Decimal("0.56"), paid=Decimal("0.56"))
    assert (row.step, row.shot, row.cause, row.project) == ("clip", "s020", "bought", FILM)
    assert row.model == "wavespeed/kwaivgi/kling-video-o3-pro"


@pytest.mark.parametrize(
    "kinds", [(), ("unknown",), ("ack",), ("ack", "parked"), ("ack", "sample")]
)
def test_what_is_under_way_is_held_in_reserve(kinds: tuple[str, ...]) -> None:
    work = Work()
    work.then(work.begin("clip@s020", "0.56"), *kinds)
    assert sums(work) == Sums(tasks=1, estimate=Decimal("0.56"), reserved=Decimal("0.56"))


@pytest.mark.parametrize("kinds", [("rejected",), ("refused",), ("ack", "refused")])
def test_what_was_turned_down_for_nothing_is_refused(kinds: tuple[str, ...]) -> None:
    work = Work()
    work.then(work.begin("clip@s020", "0.56"), *kinds, code="1200")
    price = Decimal("0.56")
    assert sums(work) == Sums(tasks=1, refusals=1, estimate=price, refused=price)
    assert spent(work)[0].cause == "refused (1200)"


@pytest.mark.parametrize(("kinds", "code", "cause"), [
    (("ack", "refused"), "1200", "refused (1200)"),
    (("ack", "broken"), "providerError", "failed (providerError)"),
    (("ack", "broken"), "", "failed"),
    (("ack", "gone"), "", "lost"),
    (("ack", "sample", "partial"), "", "partial results"),
])  # fmt: skip
def test_what_was_paid_for_nothing_is_wasted_by_its_cause(
    kinds: tuple[str, ...], code: str, cause: str
) -> None:
    work = Work()
    work.then(work.begin("clip@s020", "0.56"), *kinds, code=code, paid="0.56")
    assert sums(work).paid == sums(work).wasted == Decimal("0.56")
    assert sums(work).refusals == 0
    assert wasted(spent(work)) == {cause: Decimal("0.56")}


def test_what_a_person_let_go_of_says_so() -> None:
    work = Work()
    lost = work.then(work.begin("clip@s020"), "ack", "gone", paid="0.56")
    work.then(lost, "settle", how="forgotten")
    assert wasted(spent(work)) == {"settled: forgotten": Decimal("0.56")}


def test_an_attempt_that_was_never_accepted_is_none() -> None:
    work = Work()
    work.then(work.begin("clip@s020"), "unknown", "void")
    assert sums(work) == Sums()
    assert grouped(spent(work), "step") == {}


def test_a_purchase_that_no_task_tells_of_counts_by_itself() -> None:
    work = Work()
    work.old("still@s010", "0.028")
    work.old("edit@s010", "0.028", origin="adopted")
    work.old("reel", "0", kind="local")
    work.bought("clip@s010")
    (old,) = [of_result(e, day) for e in work.events if alone(e)]
    assert (old.step, old.shot, old.model) == (
        "still",
        "s010",
        "runware/klingai:kling-video@o3-pro",
    )
    assert old.sums.paid == Decimal("0.028")


def test_groups_come_in_order_and_say_what_they_were_asked_by() -> None:
    work = Work()
    work.bought("still@s010", "0.028")
    work.bought("clip@s010", "0.56")
    work.at += 86_400
    work.bought("still@s020", "0.028")
    assert list(grouped(spent(work), "step")) == ["still", "clip"]
    assert grouped(spent(work), "shot")["s010"].paid == Decimal("0.588")
    assert list(grouped(spent(work), "day")) == ["day 0", "day 1"]
    assert grouped(spent(work), "step")["still"].paid == Decimal("0.056")


ENDS: tuple[tuple[str, ...], ...] = (
    (),
    ("unknown",),
    ("ack",),
    ("rejected",),
    ("ack", "refused"),
    ("ack", "gone"),
    ("unknown", "void"),
    ("ack", "sample", "result"),
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["still@s010", "clip@s010", "clip@s020", "reel"]),
            st.decimals("0.001", "3", places=4),
            st.sampled_from(ENDS),
        ),
        max_size=12,
    )
)
def test_every_grouping_adds_up_to_the_same_exact_sums(
    attempts: list[tuple[str, Decimal, tuple[str, ...]]],
) -> None:
    work = Work()
    for step, price, kinds in attempts:
        paid = {"paid": str(price)} if kinds[-1:] in (("gone",), ("result",)) else {}
        work.then(work.begin(step, str(price)), *kinds, **paid)
    found = spent(work)
    everything = costs.total(found)
    for by in GROUPS:
        rows = grouped(found, by)
        assert sum(rows.values(), Sums()) == everything
    assert total(wasted(found).values()) == everything.wasted
    assert everything.wasted <= everything.paid
    open_or_paid = everything.reserved + everything.paid + everything.refused
    assert open_or_paid == everything.estimate
