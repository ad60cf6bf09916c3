"""The one check before money: every case of who said what about which price."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from build_steps import Shelf, step
from hypothesis import given
from hypothesis import strategies as st

from kinoform.api.consent import Bill, Ceilings, Consent, bill, caps, confirm, share, tightest
from kinoform.api.planning import Planned
from kinoform.core.errors import SpendError
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.tasks import Cap, Task
from kinoform.core.types import Op, Price
from kinoform.spec.document import Budget

SHIPPED = Op("runware/klingai:kling-image@o3", 0, "hosted", "runware")
OWN = Op("runware/acme:brush@1", 0, "hosted", "runware")
NONE = tightest(Budget(), Budget())
KEYS = {"runware"}
YES, WORD, NOTHING = Consent(yes=True), Consent(answered=True), Consent()


def usd(text: str) -> Decimal:
    return Decimal(text)


def paying(text: str) -> Consent:
    return Consent(max_cost=usd(text))


def planned(op: Op = SHIPPED, price: str | None = "0.03", steps: int = 1) -> Planned:
    cost = None if price is None else usd(price)
    made = [replace(step(f"s{n}", op, prompt=f"{n}"), price=cost) for n in range(steps)]
    graph = build(made)
    want = wish(graph)
    found, survey = plan(graph, Shelf().world(), want)
    return Planned(found, graph, survey, want, found.price.expected)


def test_who_is_stopped_by_a_ceiling_reads_what_to_do() -> None:
    with pytest.raises(SpendError) as caught:
        confirm(planned(SHIPPED, "0.03"), paying("0.02"), NONE, KEYS)
    (problem,) = caught.value.problems
    assert problem.message == "this run may spend up to $0.03; --max-cost is $0.02"
    assert problem.hint.startswith("allow more there, or name the steps to make")


@pytest.mark.parametrize(
    ("op", "price", "said", "code"),
    [
        (SHIPPED, "0.03", NOTHING, "not-confirmed"),
        (SHIPPED, "0.03", YES, "not-confirmed"),
        (SHIPPED, "0.03", WORD, ""),
        (SHIPPED, "0.03", paying("0.03"), ""),
        (SHIPPED, "0.03", paying("0.029"), "above-max-cost"),
        (SHIPPED, "0.03", Consent(yes=True, max_cost=usd("0")), "above-max-cost"),
        (SHIPPED, "0", NOTHING, ""),
        (SHIPPED, "0", YES, ""),
        (SHIPPED, "0", paying("0"), ""),
        (SHIPPED, None, NOTHING, "not-confirmed"),
        (SHIPPED, None, YES, "not-confirmed"),
        (SHIPPED, None, WORD, ""),
        (SHIPPED, None, paying("5"), ""),
        (OWN, "0", NOTHING, "not-confirmed"),
        (OWN, "0", YES, "not-confirmed"),
        (OWN, "0", WORD, ""),
        (OWN, "0", paying("0"), ""),
        (OWN, "0.03", paying("0.02"), "above-max-cost"),
    ],
)
def test_each_word_covers_what_it_covers(
    op: Op, price: str | None, said: Consent, code: str
) -> None:
    codes = ""
    try:
        confirm(planned(op, price), said, NONE, KEYS)
    except SpendError as error:
        codes = error.problems[0].code
    assert codes == code


def test_what_has_no_provider_costs_nothing_and_needs_no_word() -> None:
    confirm(planned(OWN, None), NOTHING, NONE, set())
    assert bill(planned(), set()).is_free


def test_a_refusal_gives_the_line_to_type_and_names_the_steps() -> None:
    with pytest.raises(SpendError) as caught:
        confirm(planned(steps=2), NOTHING, NONE, KEYS)
    assert caught.value.problems[0].hint == "say --max-cost 0.06"
    with pytest.raises(
        SpendError, match=r"model file of this project says of s0, s1, s2 and 2 more"
    ):
        confirm(planned(OWN, steps=5), NOTHING, NONE, KEYS)
    with pytest.raises(SpendError, match="an unknown amount for s0"):
        confirm(planned(price=None), NOTHING, NONE, KEYS)


@pytest.mark.parametrize(
    ("user", "project", "says"),
    [
        (Budget(run=usd("0.02")), Budget(), "budget.run in the user's settings is \\$0.02"),
        (Budget(), Budget(run=usd("0.02")), "budget.run in the pipeline is \\$0.02"),
        (Budget(run=usd("9")), Budget(run=usd("0.02")), "in the pipeline is \\$0.02"),
        (Budget(run=usd("0.02")), Budget(run=usd("9")), "in the user's settings is \\$0.02"),
        (Budget(), Budget(total=usd("0.01")), "budget.total in the pipeline"),
        (Budget(total=usd("0.01")), Budget(), "budget.total in the user's settings"),
        (Budget(run=usd("0")), Budget(), "is \\$0.00"),
    ],
)
def test_every_ceiling_stops_what_is_dearer(user: Budget, project: Budget, says: str) -> None:
    with pytest.raises(SpendError, match=says) as caught:
        confirm(planned(), paying("5"), tightest(user, project), KEYS)
    assert caught.value.problems[0].code == "above-budget"


AMOUNTS = st.none() | st.decimals(0, 100, places=2)
BUDGETS = st.builds(Budget, AMOUNTS, AMOUNTS, AMOUNTS)


@given(BUDGETS, BUDGETS)
def test_a_project_can_only_tighten(user: Budget, project: Budget) -> None:
    alone, both = tightest(user, Budget()), tightest(user, project)
    assert both.user == alone.user
    assert both.ask_above <= alone.ask_above
    assert alone.run is None or (both.run is not None and both.run <= alone.run)


def test_a_project_cannot_ask_less_often_than_the_user_wants() -> None:
    assert tightest(Budget(), Budget(ask_above=usd("5"))).ask_above == 0
    assert tightest(Budget(ask_above=usd("2")), Budget()).ask_above == 2
    assert tightest(Budget(ask_above=usd("2")), Budget(ask_above=usd("1"))).ask_above == 1


ALL = tightest(Budget(run=usd("3"), total=usd("50")), Budget(run=usd("4"), total=usd("7")))


@pytest.mark.parametrize(
    ("said", "ceilings", "most", "who"),
    [
        (paying("2"), ALL, "2", "--max-cost"),
        (paying("9"), ALL, "3", "budget.run in the user's settings"),
        (WORD, ALL, "3", "budget.run in the user's settings"),
        (Consent(answered=True, shown=usd("1.5")), ALL, "1.5", "what was agreed to"),
        (paying("9"), NONE, "9", "--max-cost"),
        (NOTHING, ALL, "0", "a run without a word about money"),
        (YES, NONE, "0", "a run without a word about money"),
    ],
)
def test_the_cap_of_a_run_is_its_lowest_ceiling_by_name(
    said: Consent, ceilings: Ceilings, most: str, who: str
) -> None:
    first, *rest = caps("r1", "film", said, ceilings)
    assert first == Cap("run", "r1", usd(most), who)
    assert len(rest) == (2 if ceilings is ALL else 0)


def test_project_and_user_have_caps_of_their_own() -> None:
    _, project, user = caps("r1", "film", paying("9"), ALL)
    assert project == Cap("project", "film", usd("7"), "budget.total in the pipeline")
    assert user == Cap("user", "", usd("50"), "budget.total in the user's settings")


def test_an_answer_about_an_unknown_price_sets_no_cap() -> None:
    assert caps("r1", "film", WORD, NONE) == ()


def test_a_bill_is_free_only_where_every_price_can_be_trusted() -> None:
    free = Price()
    assert Bill(free).is_free
    assert not Bill(free, unpriced=("a",)).is_free
    assert not Bill(free, claimed=("a",)).is_free


RUN = Cap("run", "r", Decimal(5), "--max-cost")
PROJECT = Cap("project", "film", Decimal(10), "budget.total in the pipeline")
THREE = Bill(Price(usd("0"), usd("2"), usd("2")), unpriced=("a", "b", "c"))


def spent(*amounts: str) -> list[Task]:
    """Tasks of the project, by what each was paid; the last one is under way."""
    *paid, held = map(usd, amounts)
    made = Task("i", "k", "still", 1, "film", "before", "runware", SHIPPED.name, "done")
    open_ = replace(made, state="running", reserved=held)
    return [*(replace(made, paid=each) for each in paid), open_]


@pytest.mark.parametrize(
    ("asked", "ceilings", "tasks", "part"),
    [
        (THREE, (RUN,), [], "1"),
        (THREE, (RUN, PROJECT), spent("3", "2", "1.5"), "0.5"),
        (THREE, (PROJECT,), spent("0"), "2.666666666"),
        (THREE, (), [], "0"),
        (replace(THREE, unpriced=()), (RUN,), [], "0"),
    ],
)
def test_steps_of_unknown_price_share_what_the_ceilings_leave(
    asked: Bill, ceilings: tuple[Cap, ...], tasks: list[Task], part: str
) -> None:
    assert share(asked, ceilings, lambda: tasks) == usd(part)


@pytest.mark.parametrize("most", ["2", "1.5", "2.000000001"])
def test_where_nothing_is_left_for_them_nothing_is_begun(most: str) -> None:
    with pytest.raises(SpendError, match="--max-cost leaves nothing") as caught:
        share(THREE, [replace(RUN, most=usd(most))], list)
    assert "a, b, c" in str(caught.value)
