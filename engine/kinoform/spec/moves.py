"""The block `moved`: what was renamed, each name once and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.moves import Moves, circles
from kinoform.spec.steps import reference_fault
from kinoform.spec.tree import shown, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.core.errors import Where
    from kinoform.spec.loading import Loading
    from kinoform.spec.steps import Known, StepDecl
    from kinoform.spec.tree import Map


@dataclass(frozen=True, slots=True)
class Move:
    """A rename of a step or of one instance."""

    old: str
    new: str
    where: Where


def moves(
    loading: Loading,
    entries: Sequence[tuple[Map, str]],
    steps: Mapping[str, StepDecl],
    known: Known,
) -> tuple[Move, ...]:
    """Every move in file order; faults are noted at the loading."""
    good = [(tree, path) for tree, path in entries if _texts(tree)]
    leads = Moves({tree["from"]: tree["to"] for tree, _ in good})
    round_trips = circles(leads.pairs)
    taken: dict[str, Map] = {}
    for tree, path in good:
        old, new = tree["from"], tree["to"]
        if old in round_trips:
            said = f"{shown(old)} comes back to itself"
            loading.add("bad-move", said, where(tree, []), "leave one of these moves out", path)
            continue
        for side, said, hint in _faults(tree, taken, steps, known):
            loading.add("bad-move", said, where(tree, [side] if side else []), hint, path)
        fault, hint = reference_fault(leads.now(new), steps, known)
        if fault:
            loading.add("unknown-step", fault, where(tree, ["to"]), hint, f"{path}.to")
    return tuple(Move(tree["from"], tree["to"], where(tree, [])) for tree, _ in good)


def _texts(tree: Map) -> bool:
    return isinstance(tree.get("from"), str) and isinstance(tree.get("to"), str)


def _faults(
    tree: Map, taken: dict[str, Map], steps: Mapping[str, StepDecl], known: Known
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with one move by itself, and beside those before it: key, sentence, fix."""
    old, new = tree["from"], tree["to"]
    if ("@" in old) != ("@" in new):
        said = f"{shown(old)} and {shown(new)} are not of one kind"
        yield "", said, "rename a step to a step, or an item to an item"
    if not reference_fault(old, steps, known)[0]:
        yield "from", f"{shown(old)} is still there", "remove the old one"
    for side, name in (("from", old), ("to", new)):
        first = taken.setdefault(f"{side} {name}", tree)
        if first is not tree:
            said = f"{where(first, [])} moves {side} {shown(name)} too"
            yield side, said, "keep one of them"
