"""The question about money: asked once, in a terminal, and only when money can be spent."""

from __future__ import annotations

import sys
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.consent import bill
from kinoform.core.money import dollars
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from kinoform.api.consent import Bill, Ceilings, Consent
    from kinoform.api.planning import Planned
    from kinoform.cli.show import Show


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
    show: Show, planned: Planned, providers: Container[str], ceilings: Ceilings, said: Consent
) -> Consent:
    """What was said on the command line, with what a person answers when there is one to ask."""
    if not (show.live and sys.stdin.isatty()):
        return said
    ask = partial(click.confirm, err=True)
    return answered(bill(planned, providers), ceilings, said, ask)


def answered(asked: Bill, ceilings: Ceilings, said: Consent, ask: Callable[[str], bool]) -> Consent:
    """The same for somebody who can be asked: `--max-cost` is a word, and so is `--yes` here.

    Up to `ask_above` nobody is asked, unless a price is unknown or only a project's claim.
    """
    if said.max_cost is not None or asked.is_free:
        return said
    calm = asked.price.worst <= ceilings.ask_above and not asked.always_asks
    yes = said.yes or calm or ask(_question(asked))
    return replace(said, answered=yes, shown=None if asked.unpriced else asked.price.worst)


def _question(asked: Bill) -> str:
    known = f"spend {dollars(asked.price.expected)}"
    if asked.price.worst != asked.price.expected:
        known = f"{known}, at most {dollars(asked.price.worst)}"
    if asked.unpriced:
        return f"{known}, and an unknown amount for {many(len(asked.unpriced), 'step')}?"
    return f"{known}, as a model file of this project says?" if asked.claimed else f"{known}?"
