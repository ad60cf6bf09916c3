"""Renames of steps and items: what a step of today was called before, and the other way. Pure."""

from __future__ import annotations

import re
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")

_NAME: Final = r"[^@.#]+"
_END: Final = r"[.#]"  # an inserted frame follows the id of its clip


class Moves:
    """Old name to new name, of steps (`still`) or of instances (`still@s010`).

    No name is moved twice, none is moved to twice, and none comes back to itself.
    """

    def __init__(self, pairs: Mapping[str, str] = MappingProxyType({})) -> None:
        self.pairs = pairs

    def now(self, step: str) -> str:
        """The id of today, for an id of any day."""
        for _ in self.pairs:
            moved = next(_moved(self.pairs, step), step)
            if moved == step:
                break
            step = moved
        return step

    def before(self, step: str) -> list[str]:
        """Every id that leads to this one, but for itself; the latest first."""
        if not self.pairs:
            return []
        found = [step]
        for name in found:
            found += [old for old in _moved(self._back, name) if old not in found]
        return [old for old in found[1:] if self.now(old) == step]

    @cached_property
    def _back(self) -> dict[str, str]:
        return {new: old for old, new in self.pairs.items()}

    def renamed(self, records: Mapping[str, T]) -> dict[str, T]:
        """The records by the ids of today; what has that id already goes before what moved to it."""
        ways = {step: self.now(step) for step in records} if self.pairs else {}
        order = sorted(records, key=lambda step: ways.get(step, step) == step)
        return {ways.get(step, step): records[step] for step in order}

    def renamed_takes(self, records: Mapping[tuple[str, int], T]) -> Mapping[tuple[str, int], T]:
        """The same for records by (step id, take)."""
        if not self.pairs:
            return records
        takes = {take for _, take in records}
        rows = {t: {s: each for (s, take), each in records.items() if take == t} for t in takes}
        return {(s, t): each for t, row in rows.items() for s, each in self.renamed(row).items()}


def _moved(pairs: Mapping[str, str], step: str) -> Iterator[str]:
    """Where one move leads: that of the instance, then that of its step."""
    for end in (len(step), *(m.start() for m in reversed([*re.finditer(_END, step)]))):
        if step[:end] in pairs:
            yield pairs[step[:end]] + step[end:]
    name = re.match(_NAME, step)
    if name and name[0] != step and step[len(name[0])] == "@" and name[0] in pairs:
        yield pairs[name[0]] + step[len(name[0]) :]


def circles(pairs: Mapping[str, str]) -> list[str]:
    """The old names whose moves lead back to themselves."""
    found = []
    for old in pairs:
        seen, name = {old}, pairs[old]
        while name in pairs and name not in seen:
            seen.add(name)
            name = pairs[name]
        if name == old:
            found.append(old)
    return found
