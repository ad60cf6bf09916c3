"""What a person said counts as the same: work made from the old bytes stays valid for the new ones.

Pure. A record is a line of `picks/`, beside the choice for its step. It changes no key by itself: a
step stands on what was made from the old bytes only while nothing was made from the new ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from kinoform.core.classes import dataclass
from kinoform.core.picks import plain
from kinoform.core.types import Bytes, Derived

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from kinoform.core.types import Identity, Source

    # An identity, and what a person had to say for it to be one of an input.
    Link: TypeAlias = "tuple[Identity, tuple[Equate, ...]]"

WORD: Final = "equate"
_SIDE: Final = r"(?P<{0}>sha256:[0-9a-f]{{64}})(?: made by (?P<{0}_made>[0-9a-f]{{64}}))?"
_LINE: Final = (
    rf"{WORD} {_SIDE.format('new')} for {_SIDE.format('old')}"
    r" \| (?P<by>[^|]*) \| (?P<at>[^|]*)(?: \| (?P<why>.*))?"
)
_MOST: Final = 64  # ways in which the inputs of one step can be named that are looked up


@dataclass(frozen=True, slots=True)
class Side:
    """Bytes, and the key of the local action that made them, where one did."""

    digest: str
    made: str = ""

    def names(self) -> tuple[Identity, ...]:
        """What these bytes are called in a manifest."""
        return (Bytes(self.digest), *((Derived(self.made),) if self.made else ()))

    def __str__(self) -> str:
        return f"{self.digest} made by {self.made}" if self.made else self.digest


@dataclass(frozen=True, slots=True)
class Equate:
    """What was made from `old` is as good as if it had been made from `new`, which `step` has."""

    step: str
    new: Side
    old: Side
    by: str
    at: str
    why: str = ""


def line(equate: Equate) -> str:
    """The record as a file of `picks/` holds it, without the end of the line."""
    said = [
        f"{WORD} {equate.new} for {equate.old}",
        *map(plain, (equate.by, equate.at, equate.why)),
    ]
    return " | ".join(said[: 4 if equate.why else 3])


def read(step: str, text: str) -> Equate:
    """The record that a line holds. Raises ValueError saying what is wrong."""
    found = re.fullmatch(_LINE, text.strip())
    if found is None:
        raise ValueError("an equate reads: equate sha256:NEW for sha256:OLD | WHO | DATE | WHY")
    new = Side(found["new"], found["new_made"] or "")
    old = Side(found["old"], found["old_made"] or "")
    why = (found["why"] or "").strip()
    return Equate(step, new, old, found["by"].strip(), found["at"].strip(), why)


class Older:
    """Leads from what an input is to what it counts as."""

    def __init__(self, equates: Iterable[Equate]) -> None:
        self._older: dict[Identity, list[Equate]] = defaultdict(list)
        for equate in equates:
            for name in equate.new.names():
                self._older[name].append(equate)

    def __bool__(self) -> bool:
        return bool(self._older)

    def chain(self, links: Sequence[Link]) -> list[Link]:
        """These and everything that they count as, also by way of each other; the nearest first."""
        found = list(links)
        known = {identity for identity, _ in found}
        for identity, by in found:
            for equate in self._older.get(identity, ()):
                fresh = [name for name in equate.old.names() if name not in known]
                known.update(fresh)
                found += [(name, (*by, equate)) for name in fresh]
        return found


def ways(chains: Sequence[Sequence[Link]]) -> Iterator[tuple[int, ...]]:
    """Which link to take of each chain: the nearest first, then those further off, then the furthest.

    There may be more than anybody can look up; the first and the last of them are the likely ones.
    """
    queue = [(0,) * len(chains)]
    seen = set(queue)
    for way in queue:
        for number, chain in enumerate(chains):
            further = (*way[:number], way[number] + 1, *way[number + 1 :])
            if further[number] < len(chain) and further not in seen and len(queue) < _MOST:
                seen.add(further)
                queue.append(further)
    yield from queue
    last = tuple(len(chain) - 1 for chain in chains)
    if last not in seen:
        yield last


def taken(
    chains: Mapping[Source, Sequence[Link]], way: Sequence[int]
) -> tuple[dict[Source, Identity], tuple[Equate, ...]]:
    """One way: the identity of each source, and what had to be said for it."""
    links = {source: chain[n] for (source, chain), n in zip(chains.items(), way, strict=True)}
    by = dict.fromkeys(equate for _, equates in links.values() for equate in equates)
    return {source: identity for source, (identity, _) in links.items()}, tuple(by)
