"""Which candidate an alias with several stands for: held, first or cheapest. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

Why: TypeAlias = Literal["recorded", "held", "first", "cheapest"]
Prefer: TypeAlias = Literal["first", "cheapest"]


@dataclass(frozen=True, slots=True)
class Option:
    """One candidate: USD for everything under the alias (None: unknown), and what it cannot say.

    `held` counts steps that have results under this candidate already.
    """

    model: str
    price: Decimal | None = None
    held: int = 0
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What an alias stands for, why, and what each candidate would be like."""

    alias: str
    model: str
    why: Why
    options: tuple[Option, ...]


def decide(alias: str, options: Sequence[Option], prefer: Prefer) -> Choice | None:
    """The choice among candidates that can say everything; None when none can.

    What is held decides before any price: bought pictures are not bought again elsewhere, and a
    film does not change its look because a price moved. Candidates come in the order of the file,
    which breaks ties; an unknown price is never the cheapest while another is known.
    """
    able = [option for option in options if not option.lacks]
    if not able:
        return None
    most = max(able, key=lambda option: option.held)
    if most.held:
        return Choice(alias, most.model, "held", tuple(options))
    if prefer == "first":
        return Choice(alias, able[0].model, "first", tuple(options))
    best = min(able, key=lambda option: (option.price is None, option.price or Decimal(0)))
    return Choice(alias, best.model, "cheapest", tuple(options))
