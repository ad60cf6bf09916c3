"""What one take of a request costs, in exact decimals, by the `price` table of a model file."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinoform.core.types import Late
from kinoform.spec import sizes
from kinoform.spec.fields import any_holds, get

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.core.types import Expect
    from kinoform.spec.catalog import Model
    from kinoform.spec.outputs import FactsOf

_FREE = Decimal(0)


def price(
    model: Model, params: Mapping[str, Any], expects: Sequence[Expect], facts_of: FactsOf
) -> Decimal | None:
    """USD for all results of one run; None while it hangs on something known after run.

    A price per second counts the seconds of each output, so `expects` must be those of `params`.
    """
    del facts_of  # `expects` says all that a price hangs on; kept for prices by input length
    table = model.table("price")
    if table["per"] == "nothing":
        return _FREE
    rate = _rate(model, params, table["rows"])
    if rate is None or _late_count(model, params):
        return None
    if table["per"] in ("image", "result"):
        return _plain(rate * len(expects))
    known = [each.facts.seconds for each in expects]
    lengths = [Decimal(repr(seconds)) for seconds in known if seconds is not None]
    return _plain(rate * sum(lengths, _FREE)) if len(lengths) == len(known) else None


def _late_count(model: Model, params: Mapping[str, Any]) -> bool:
    count = model.table("outputs").get("count", "")
    return isinstance(get(params, count), Late)


def _rate(
    model: Model, params: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> Decimal | None:
    """The first row that applies; None if that cannot be told yet, or none does."""
    for row in rows:
        applies = _applies(model, params, row)
        if applies is None:
            return None
        if applies:
            return Decimal(row["usd"])
    return None


def _applies(model: Model, params: Mapping[str, Any], row: Mapping[str, Any]) -> bool | None:
    """Whether every part of the row holds: a tier of the pixels, any of, all of, none of."""
    seen = [_in_tier(model, params, row)] if "tier" in row else []
    seen += [any_holds(row["when"], params)] if "when" in row else []
    seen += [any_holds([each], params) for each in row.get("all", ())]
    unwanted = any_holds(row.get("none", ()), params)
    seen += [None if unwanted is None else not unwanted]
    return False if False in seen else None if None in seen else True


def _in_tier(model: Model, params: Mapping[str, Any], row: Mapping[str, Any]) -> bool | None:
    sides = [get(params, path) for path in row["of"]]
    if any(isinstance(side, Late) for side in sides):
        return None
    found = sizes.row_of(model.document["sizes"], *sides)
    return found is not None and found["tier"] in row["tier"]


def _plain(amount: Decimal) -> Decimal:
    """Without trailing zeros, and never with an exponent."""
    short = amount.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
