"""The question about money: only a person in a terminal is asked, and only when it matters."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from build_steps import Shelf, film

from kinoform.api.consent import Bill, Consent, tightest
from kinoform.api.planning import Planned
from kinoform.cli.show import Show
from kinoform.cli.spending import Amount, answered, consented
from kinoform.core.plan import plan, wish
from kinoform.core.types import Price
from kinoform.spec.document import Budget

QUIET = Show(io.StringIO(), io.StringIO())
FREELY = tightest(Budget(ask_above=Decimal("0.50")), Budget())


def planned() -> Planned:
    graph = film(1)
    want = wish(graph)
    found, survey = plan(graph, Shelf().world(), want)
    return Planned(found, graph, survey, want, found.price.expected)


@pytest.mark.parametrize("typed", ["2.50", "$2.50", "0"])
def test_an_amount_is_an_exact_decimal(typed: str) -> None:
    assert Amount().convert(typed, None, None) == Decimal(typed.removeprefix("$"))


def test_without_a_terminal_what_was_typed_is_all_that_was_said() -> None:
    said = Consent(yes=True, max_cost=Decimal(3))
    assert consented(QUIET, planned(), {"acme"}, FREELY, said) == said


class Person:
    """Somebody at a terminal who answers, and remembers what was asked."""

    def __init__(self, *, says: bool) -> None:
        self.says = says
        self.asked: list[str] = []

    def __call__(self, question: str) -> bool:
        self.asked.append(question)
        return self.says


def cost(worst: str, expected: str = "1") -> Price:
    return Price(Decimal(0), Decimal(expected), Decimal(worst))


@pytest.mark.parametrize(
    ("bill", "question"),
    [
        (Bill(cost("2")), "spend $1.00, at most $2.00?"),
        (Bill(cost("0.51")), "spend $1.00, at most $0.51?"),
        (Bill(cost("0"), ("a", "b")), "at most $0.00, and an unknown amount for 2 steps?"),
        (Bill(cost("0"), (), ("a",)), "at most $0.00, as a model file of this project says?"),
    ],
)
def test_a_person_is_asked_once_and_hears_the_worst(bill: Bill, question: str) -> None:
    for says in (True, False):
        person = Person(says=says)
        consent = answered(bill, FREELY, Consent(), person)
        assert consent.answered == says
        assert len(person.asked) == 1
        assert person.asked[0].endswith(question)


@pytest.mark.parametrize(
    ("bill", "said", "expected"),
    [
        (Bill(cost("0")), Consent(), Consent()),
        (Bill(cost("2")), Consent(max_cost=Decimal(1)), Consent(max_cost=Decimal(1))),
        (Bill(cost("0.50")), Consent(), Consent(answered=True, shown=Decimal("0.50"))),
        (Bill(cost("2")), Consent(yes=True), Consent(True, None, True, Decimal(2))),
        (Bill(cost("2"), ("a",)), Consent(yes=True), Consent(True, None, True, None)),
    ],
)
def test_nobody_is_asked_when_it_is_free_cheap_or_said(
    bill: Bill, said: Consent, expected: Consent
) -> None:
    person = Person(says=False)
    assert answered(bill, FREELY, said, person) == expected
    assert not person.asked
