"""What the end of an attempt takes: as the provider tells it, else the worst, and marked as that."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kinoform.core.remedies import REMEDIES, booked

WORST = Decimal("0.56")
ASSUMED = {"paid": "0.56", "assumed": "0.56"}


@pytest.mark.parametrize(
    ("kind", "event", "told", "said"),
    [
        ("moderation", "refused", None, ASSUMED),
        ("empty", "refused", None, ASSUMED),
        ("broken", "broken", None, ASSUMED),
        ("moderation", "refused", "0.14", {"paid": "0.14"}),
        ("moderation", "refused", "0", {}),
        ("bad-input", "rejected", None, {}),
        ("bad-input", "broken", None, {}),
        ("broken", "rejected", None, {}),
        ("broken", "gone", None, {"paid": "0.56"}),
        ("auth", "rejected", None, {}),
    ],
)
def test_an_end_is_booked(kind: str, event: str, told: str | None, said: dict[str, str]) -> None:
    cost = None if told is None else Decimal(told)
    assert booked(REMEDIES[kind], event, WORST, cost) == said
