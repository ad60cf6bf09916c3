"""USD in exact decimals: sums, ranges, and how an amount is written."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from kinoform.core.types import Price

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kinoform.core.types import Op

ZERO = Decimal(0)


def total(prices: Iterable[Price | None]) -> Price:
    """The sum of the known prices; unknown ones (None) are the caller's to name."""
    known = [price for price in prices if price is not None]
    return Price(
        sum((p.floor for p in known), ZERO),
        sum((p.expected for p in known), ZERO),
        sum((p.worst for p in known), ZERO),
    )


def amount_of(value: Any) -> Decimal | None:
    """USD written as text or number; None for what is not a finite amount."""
    if value in ("0", 0):
        return ZERO
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def text(amount: Decimal) -> str:
    """Plain decimal text without an exponent and without trailing zeros: "1.12", "0"."""
    plain = f"{amount:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def dollars(amount: Decimal | None) -> str:
    """How people read it: at least two decimals, "?" when unknown."""
    if amount is None:
        return "?"
    whole, _, cents = text(amount).partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"


def price_factor(op: Op) -> str:
    """The name under which is remembered by how much a model takes more than its file says."""
    return f"price:{op.name}:{op.model_digest}"


def factor(said: str | None) -> Decimal:
    """The factor that was remembered so; 1 where nothing was, or nothing that can be read."""
    try:
        found = Decimal(said or 1)
    except InvalidOperation:
        return Decimal(1)
    return found if found.is_finite() and found > 1 else Decimal(1)
