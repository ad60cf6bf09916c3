"""Many decisions as few rows: what goes alike in one step is one row. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.money import total
from kinoform.views.plan import ident, price_text, rows, said
from kinoform.views.words import TIMES, field, home, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import TypeAlias

    from kinoform.core.types import Decision, Reason, Step

    Pair: TypeAlias = tuple[Decision, Step]
    Row: TypeAlias = tuple[str, str, str, str]

FEW = 16  # so many rows are read as they are
MANY = 48  # above it, texts that differ are folded too
_NAMED = 3
_UPSTREAM = ("upstream", "pick", "same-request", "lost", "known-after-run")


def folded(pairs: Sequence[Pair]) -> list[Row]:
    """Id, verdict, why, price: one row each for a short plan, else one for each kind of fate."""
    if len(pairs) <= FEW:
        return rows(pairs)
    close = _grouped(pairs, _closely)
    return close if len(close) <= MANY else _grouped(pairs, _broadly)


def _grouped(pairs: Sequence[Pair], why: Callable[[Pair], str]) -> list[Row]:
    groups: dict[Hashable, list[Pair]] = {}
    sizes: dict[str, int] = {}
    for pair in pairs:
        name = home(pair[1].name)
        sizes[name] = sizes.get(name, 0) + 1
        groups.setdefault((name, pair[0].verdict, why(pair)), []).append(pair)
    return [_row(group, sizes[home(group[0][1].name)], why) for group in groups.values()]


def _row(group: Sequence[Pair], of: int, why: Callable[[Pair], str]) -> Row:
    decision, step = group[0]
    if len(group) == 1:
        return rows(group)[0]
    price = None if any(d.price is None for d, _ in group) else total(d.price for d, _ in group)
    who = home(step.name)
    if len(group) < of and len(group) <= _NAMED and decision.verdict != "reuse":
        who = listed(ident(d, s) for d, s in group)
    return who, f"{len(group):,} {TIMES} {decision.verdict}", why(group[0]), price_text(price)


def _closely(pair: Pair) -> str:
    """The reasons, with steps for instances."""
    decision, step = pair
    return "; ".join(dict.fromkeys(_alike(reason, step) for reason in decision.reasons[:2]))


def _alike(reason: Reason, step: Step) -> str:
    text = said(reason, step)
    if reason.kind == "input":
        return f"{field(reason.path)} changed"
    return text.replace(reason.path, home(reason.path)) if reason.kind in _UPSTREAM else text


def _broadly(pair: Pair) -> str:
    """What kind of thing changed, without the words."""
    decision, step = pair
    return "; ".join(
        dict.fromkeys(
            f"{field(reason.path)} changed" if reason.path and reason.kind == "changed"
            else _alike(reason, step)
            for reason in decision.reasons[:2]
        )
    )  # fmt: skip
