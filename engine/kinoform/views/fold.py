"""Many decisions as few rows: what goes alike in one step is one row. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain, repeat
from operator import methodcaller
from typing import TYPE_CHECKING

from kinoform.core.decisions import Decisions
from kinoform.views.plan import price_text, rows, words
from kinoform.views.words import TIMES, field, home, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from kinoform.core.decisions import Lot
    from kinoform.core.manifests import Node
    from kinoform.core.types import Graph, Reason, Verdict
    from kinoform.views.plan import Row

    Reasons: TypeAlias = tuple[Reason, ...]
    Fate: TypeAlias = tuple[str, Verdict, str]  # the step, what happens, why

FEW = 16  # so many rows are read as they are
MANY = 48  # above it, texts that differ are folded too
_NAMED = 3
_UPSTREAM = ("upstream", "pick", "same-request", "lost", "known-after-run")


def folded(lots: Sequence[Lot], graph: Graph) -> list[Row]:
    """Id, verdict, why, price: one row each for a short plan, else one for each kind of fate."""
    sizes = Counter(chain.from_iterable(map(_homes, lots)))
    count = sum(sizes.values())
    if count <= FEW or count == len(sizes):  # of steps written one by one none go alike
        return rows(lots, graph)
    parts = [part for lot in lots for part in _parts(lot)]
    groups = _grouped(parts, _closely)
    if len(groups) > MANY:
        groups = _grouped(parts, _broadly)
    return [
        rows(group, graph)[0] if sum(map(len, group)) == 1 else _row(group, graph, sizes[name], why)
        for (name, _, why), group in sorted(groups.items(), key=_first)
    ]


def _homes(lot: Lot) -> Iterable[str]:
    """The steps that its ids belong to; of most lots all ids belong to one."""
    name = home(lot.ids[0])
    if all(map(methodcaller("startswith", f"{name}@"), lot.ids)):
        return repeat(name, len(lot))
    return map(home, lot.ids)


def _parts(lot: Lot) -> Iterator[tuple[str, Lot]]:
    """A lot by the steps that its ids belong to."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(_homes(lot)):
        places[name].append(place)
    if len(places) == 1:
        yield next(iter(places)), lot
    else:
        yield from ((name, lot.of(rows)) for name, rows in places.items())


def _grouped(
    parts: Sequence[tuple[str, Lot]], why: Callable[[Reasons], str]
) -> dict[Fate, list[Lot]]:
    """The lots of each fate; what many share, the words of their reasons, is put together once."""
    known: dict[int, str] = {}  # by the reasons themselves: to compare them takes longer
    groups: dict[Fate, list[Lot]] = defaultdict(list)
    for name, lot in parts:
        if id(lot.reasons) not in known:
            known[id(lot.reasons)] = why(lot.reasons)
        groups[name, lot.verdict, known[id(lot.reasons)]].append(lot)
    return groups


def _first(fate: tuple[Fate, Sequence[Lot]]) -> Node:
    return min(lot.nodes[0] for lot in fate[1])


def _row(group: Sequence[Lot], graph: Graph, of: int, why: str) -> Row:
    count, verdict = sum(map(len, group)), group[0].verdict
    price = None if any(lot.price is None for lot in group) else Decisions(group).price
    who = home(group[0].ids[0])
    if count < of and count <= _NAMED and verdict != "reuse":
        who = listed(row[0] for row in rows(group, graph))
    return who, f"{count:,} {TIMES} {verdict}", why, price_text(price)


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
