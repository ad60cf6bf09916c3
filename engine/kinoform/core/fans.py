"""Alike steps kept in columns: what a fan-out makes stays together until somebody looks at a step.

Ten thousand steps of one shape differ in a few texts and in what they take. To plan them, those columns
are enough: a step as an object, with its request as a tree, is made for whoever asks for that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, repeat
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kinoform.core.types import Fan, Step


class Steps(Sequence["Step"]):
    """The steps of a film, of which those of fans are made when they are looked at."""

    __slots__ = ("_homes", "_made")

    def __init__(self, made: Sequence[Step | None], fans: Iterable[Fan]) -> None:
        self._made = list(made)
        self._homes: dict[int, tuple[Fan, int]] = {}
        for fan in fans:
            self._homes.update(zip(fan.numbers, zip(repeat(fan), count()), strict=False))

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
            fan, row = self._homes[range(len(self))[number]]
            step = self._made[number] = fan.step(row)
        return step

    def __len__(self) -> int:
        return len(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))
