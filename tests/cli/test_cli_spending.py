"""The question about money: only a person in a terminal is asked, and only when it matters."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from build_steps import Shelf, film

from kinoform.api.consent import Consent
from kinoform.api.planning import Planned
from kinoform.cli.show import Show
from kinoform.cli.spending import Amount, consented
from kinoform.core.plan import plan, wish

QUIET = Show(io.StringIO(), io.StringIO())


def planned() -> Planned:
    graph = film(1)
    want = wish(graph)
    found, survey = plan(graph, Shelf().world(), want)
    return Planned(found, graph, survey, want, found.price.expected)


@pytest.mark.parametrize("typed", ["2.50", "$2.50", "0"])
def test_an_amount_is_an_exact_decimal(typed: str) -> None:
    assert Amount().convert(typed, None, None) == Decimal(typed.removeprefix("$"))


def test_without_a_terminal_what_was_typed_is_all_that_was_said() -> None:
    said = consented(QUIET, planned(), {}, True, Decimal(3))
    assert said == Consent(yes=True, max_cost=Decimal(3))


def test_without_a_provider_nobody_is_asked() -> None:
    assert not consented(QUIET, planned(), {}, False, None).answered
