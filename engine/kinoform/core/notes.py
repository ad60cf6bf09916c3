"""What a plan notes beside its decisions: what is not in the sum, what was made by older files. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem
from kinoform.core.money import ZERO, dollars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from kinoform.core.decisions import Lot
    from kinoform.core.survey import Survey


def notes(lots: Sequence[Lot], survey: Survey) -> Iterator[Problem]:
    """Warnings about a whole plan."""
    yield from _unsummed(lots, "pick", "behind-a-pick", "behind a pick")
    yield from _unsummed(
        lots, "blocked", "blocked-unpriced", "blocked by what is lost or was refused"
    )
    yield from _outdated(lots, survey)
    yield from _dear(lots, survey.world.dearer)


def _unsummed(lots: Iterable[Lot], verdict: str, code: str, state: str) -> Iterator[Problem]:
    """What nobody can price before a person has chosen, or what stops it is settled."""
    waiting = [lot for lot in lots if lot.verdict == verdict]
    worth = sum((len(lot) * (lot.pattern.price or ZERO) for lot in waiting), ZERO)
    if not waiting or not (worth or verdict == "pick"):
        return
    count = sum(map(len, waiting))
    steps = f"{count:,} step{'s' if count > 1 else ''} worth {dollars(worth)}"
    yield Problem(code, f"not in the sum: {steps}, {state}", severity="warning")


def _outdated(lots: Iterable[Lot], survey: Survey) -> Iterator[Problem]:
    """Which model files have changed since results that are reused were made under them."""
    older: Counter[str] = Counter()
    for lot in lots:
        op = lot.pattern.op
        if lot.verdict == "reuse" and op.kind == "hosted":
            gists = filter(None, map(survey.gist, lot.nodes))
            older[op.name] += sum(gist.model_digest != op.model_digest for gist in gists)
    for name, count in (+older).items():
        said = f"the model file of {name} changed since {count} results were made; they are kept"
        yield Problem("model-changed", said, severity="warning")


def _dear(lots: Iterable[Lot], dearer: Mapping[str, Decimal]) -> Iterator[Problem]:
    """Which models that are to be bought took more than their files say, the last time."""
    buying = {lot.pattern.op.name for lot in lots if lot.is_active}
    for name, factor in dearer.items():
        if name in buying and factor > 1:
            said = f"{name} took {factor:.2f} times the price of its model file the last time"
            hint = "the worst price reckons with it"
            yield Problem("price-deviates", said, hint=hint, severity="warning")
