"""Exact sums, and amounts as they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kinoform.core.money import dollars, text, total
from kinoform.core.types import Price


@pytest.mark.parametrize(
    ("amount", "plain", "spoken"),
    [
        ("0", "0", "$0.00"),
        ("1.120", "1.12", "$1.12"),
        ("0.056", "0.056", "$0.056"),
        ("1E+2", "100", "$100.00"),
        ("10", "10", "$10.00"),
    ],
)
def test_an_amount_is_written(amount: str, plain: str, spoken: str) -> None:
    assert text(Decimal(amount)) == plain
    assert dollars(Decimal(amount)) == spoken


def test_an_unknown_amount_is_not_zero() -> None:
    assert dollars(None) == "?"


def test_sums_are_exact() -> None:
    cents = Price(Decimal(0), Decimal("0.028"), Decimal("0.028"))
    assert total([cents] * 1000 + [None]).expected == Decimal("28.000")
