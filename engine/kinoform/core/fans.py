"""Alike steps kept in columns: what a fan-out makes stays together until somebody looks at a step.

Ten thousand steps of one shape differ in a few texts and in what they take. To plan them, those columns
are enough: a step as an object, with its request as a tree, is made for whoever asks for that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count, repeat
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kinoform.core.types import Fan, Graph, Step


class Steps(Sequence["Step"]):
    """The steps of a film, of which those of fans are made when they are looked at."""

    __slots__ = ("_fans", "_homes", "_made")

    def __init__(self, made: Sequence[Step | None], fans: Iterable[Fan]) -> None:
        self._made, self._fans = list(made), tuple(fans)
        self._homes: dict[int, tuple[Fan, int]] = {}

    @overload
    def __getitem__(self, number: int) -> Step: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Step]: ...
    def __getitem__(self, number: int | slice) -> Step | Sequence[Step]:
        """A step by its number, or several. Raises IndexError."""
        if isinstance(number, slice):
            return tuple(self[each] for each in range(len(self))[number])
        step = self._made[number]
        if step is None:
            fan, row = self._home(range(len(self))[number])
            step = self._made[number] = fan.step(row)
        return step

    def _home(self, number: int) -> tuple[Fan, int]:
        if not self._homes:  # of most plans nobody looks at a step; filled whole, for other threads
            each = (zip(fan.numbers, zip(repeat(fan), count()), strict=False) for fan in self._fans)
            self._homes = dict(chain.from_iterable(each))
        return self._homes[number]

    def __len__(self) -> int:
        return len(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def at_once(graph: Graph, is_plain: Callable[[Fan], bool]) -> dict[int, Fan]:
    """Fans that can be read whole when the first of their steps has its turn, by the number of that step.

    Only plain ones in a film that stands in order. What they take stands above it, or in another such fan: those may lie between each other.
    """
    found: dict[int, Fan] = {}
    whole: set[int] = set()
    for fan in sorted(graph.fans, key=lambda fan: fan.numbers[0]) if graph.is_in_order else ():
        first = fan.numbers[0]
        needs = chain.from_iterable(map(graph.needs.__getitem__, fan.numbers))
        if is_plain(fan) and all(number < first or number in whole for number in needs):
            found[first] = fan
            whole.update(fan.numbers)
    return found
