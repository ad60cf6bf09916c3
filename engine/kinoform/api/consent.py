"""The one check before money: what may be spent, by whose word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, SpendError
from kinoform.core.money import ZERO, dollars, text, total

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from kinoform.api.planning import Planned
    from kinoform.core.types import Price
    from kinoform.ports import Provider
    from kinoform.spec.document import Budget


@dataclass(frozen=True, slots=True)
class Consent:
    """What the caller said: `--yes`, a ceiling in USD, and whether a person answered a question."""

    yes: bool = False
    max_cost: Decimal | None = None
    answered: bool = False


def spendable(planned: Planned, providers: Mapping[str, Provider]) -> tuple[Price, list[str]]:
    """What this run could really spend, and the steps whose price nobody knows.

    Hosted steps without a provider cost nothing: they end as blocked.
    """
    mine = [
        d
        for d in planned.plan.decisions
        if d.verdict in ("run", "wait")
        and planned.step(d.step).op.kind == "hosted"
        and planned.step(d.step).op.pool in providers
    ]
    return total(d.price for d in mine), [d.step for d in mine if d.price is None]


def confirm(
    planned: Planned, consent: Consent, budget: Budget, providers: Mapping[str, Provider]
) -> None:
    """Raises SpendError unless the worst case is covered by what was said."""
    price, unpriced = spendable(planned, providers)
    if not price.worst and not unpriced:
        return
    ceiling = consent.max_cost
    if ceiling is None and not consent.answered:
        hint = f"say --max-cost {text(price.worst)}"
        raise SpendError(Problem("not-confirmed", _said(price, unpriced), hint=hint))
    if ceiling is not None and price.worst > ceiling:
        said = f"{_said(price, unpriced)}; the ceiling is {dollars(ceiling)}"
        raise SpendError(Problem("above-max-cost", said))
    if budget.run is not None and price.worst > max(budget.run, ZERO):
        said = f"{_said(price, unpriced)}; budget.run is {dollars(budget.run)}"
        raise SpendError(Problem("above-budget", said))


def _said(price: Price, unpriced: list[str]) -> str:
    said = f"this run may spend up to {dollars(price.worst)}"
    return f"{said} and an unknown amount for {', '.join(unpriced[:3])}" if unpriced else said
