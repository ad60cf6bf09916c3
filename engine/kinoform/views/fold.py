"""Many decisions as few rows: what goes alike in one step is one row. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from kinoform.core.money import total
from kinoform.views.plan import ident, price_text, rows, whole, words
from kinoform.views.words import TIMES, field, home, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from kinoform.core.types import Decision, Graph, Reason, Step, Verdict

    Pair: TypeAlias = tuple[Decision, Step]
    Row: TypeAlias = tuple[str, str, str, str]
    Reasons: TypeAlias = tuple[Reason, ...]
    Fate: TypeAlias = tuple[str, Verdict, str]  # the step, what happens, why

FEW = 16  # so many rows are read as they are
MANY = 48  # above it, texts that differ are folded too
_NAMED = 3
_UPSTREAM = ("upstream", "pick", "same-request", "lost", "known-after-run")


def folded(pairs: Sequence[Pair], graph: Graph) -> list[Row]:
    """Id, verdict, why, price: one row each for a short plan, else one for each kind of fate.

    `pairs` are outlined: those that get a row of their own are read whole.
    """
    homes = [home(decision.step) for decision, _ in pairs]
    sizes = Counter(homes)
    if len(pairs) <= FEW or len(pairs) == len(sizes):  # of steps written one by one none go alike
        return rows(whole(pairs, graph))
    groups = _grouped(pairs, homes, _closely)
    if len(groups) > MANY:
        groups = _grouped(pairs, homes, _broadly)
    return [
        _row(group, sizes[name], why) if len(group) > 1 else rows(whole(group, graph))[0]
        for (name, _, why), group in groups.items()
    ]


def _grouped(
    pairs: Sequence[Pair], homes: Sequence[str], why: Callable[[Reasons], str]
) -> dict[Fate, list[Pair]]:
    """The pairs of each fate; what many share, the words of their reasons, is put together once."""
    why = lru_cache(maxsize=MANY)(why)
    known: dict[
        int, str
    ] = {}  # by the reasons themselves: to ask whether they are equal takes longer
    groups: dict[Fate, list[Pair]] = defaultdict(list)
    for name, pair in zip(homes, pairs, strict=True):
        reasons = pair[0].reasons
        if id(reasons) not in known:
            known[id(reasons)] = why(reasons)
        groups[name, pair[0].verdict, known[id(reasons)]].append(pair)
    return groups


def _row(group: Sequence[Pair], of: int, why: str) -> Row:
    decision, _ = group[0]
    price = None if any(d.price is None for d, _ in group) else total(d.price for d, _ in group)
    who = home(decision.step)
    if len(group) < of and len(group) <= _NAMED and decision.verdict != "reuse":
        who = listed(ident(d, s) for d, s in group)
    return who, f"{len(group):,} {TIMES} {decision.verdict}", why, price_text(price)


def _closely(reasons: Reasons) -> str:
    """The reasons, with steps for instances."""
    return "; ".join(dict.fromkeys(map(_alike, reasons[:2])))


def _alike(reason: Reason) -> str:
    if reason.kind == "input":
        return f"{field(reason.path)} changed"
    text = words(reason)
    return text.replace(reason.path, home(reason.path)) if reason.kind in _UPSTREAM else text


def _broadly(reasons: Reasons) -> str:
    """What kind of thing changed, without the words."""
    return "; ".join(
        dict.fromkeys(
            f"{field(reason.path)} changed" if reason.path and reason.kind == "changed"
            else _alike(reason)
            for reason in reasons[:2]
        )
    )  # fmt: skip
