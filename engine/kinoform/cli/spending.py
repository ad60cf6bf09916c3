"""The question about money: asked once, in a terminal, and only when money can be spent."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.consent import Consent, spendable
from kinoform.core.money import dollars

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.api.planning import Planned
    from kinoform.cli.show import Show
    from kinoform.ports import Provider


class Amount(click.ParamType[Decimal]):
    """USD as typed: `2.50`, `$2.50`."""

    name = "usd"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """The exact decimal; anything but a plain amount of at least nothing is refused."""
        if isinstance(value, Decimal):
            return value
        try:
            amount = Decimal(str(value).removeprefix("$"))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            self.fail(f"{str(value)[:40]!r} is not an amount in USD, such as 2.50", param, ctx)
        return amount


def consented(
    show: Show,
    planned: Planned,
    providers: Mapping[str, Provider],
    yes: bool,  # noqa: FBT001  (the word --yes, named at its only call)
    ceiling: Decimal | None,
) -> Consent:
    """What was said on the command line, and what a person answers when there is one to ask."""
    price, unpriced = spendable(planned, providers)
    person = show.live and sys.stdin.isatty()
    if not person or ceiling is not None or not (price.worst or unpriced):
        return Consent(yes, ceiling)
    if yes:
        return Consent(yes, None, answered=True)
    more = f", and an unknown amount for {len(unpriced)} steps" if unpriced else ""
    question = f"spend {dollars(price.expected)}, at most {dollars(price.worst)}{more}?"
    return Consent(yes, None, answered=click.confirm(question, err=True))
