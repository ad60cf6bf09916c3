"""Chance that always falls the same way: numbers and noise drawn from a seed text."""

from __future__ import annotations

from hashlib import sha256, shake_256
from typing import TYPE_CHECKING, TypeVar

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_WIDEST = float(1 << 64)


class Dice:
    """A stream of numbers that follows from its seed alone, on every machine and version.

    Pillow's own noise was rejected: it draws from the C library's state.
    """

    __slots__ = ("_rolled", "seed")

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._rolled = 0

    def fork(self, name: str) -> Dice:
        """Another stream, so that one drawing's rolls never shift another's."""
        return Dice(f"{self.seed}/{name}")

    def unit(self) -> float:
        """From 0 to below 1."""
        self._rolled += 1
        digest = sha256(f"{self.seed}#{self._rolled}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / _WIDEST

    def between(self, low: float, high: float) -> float:
        """From low to high."""
        return low + (high - low) * self.unit()

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[int(self.unit() * len(items))]

    def sign(self) -> int:
        """-1 or 1."""
        return -1 if self.chance(0.5) else 1

    def chance(self, share: float) -> bool:
        """True that often."""
        return self.unit() < share

    def noise(self, width: int, height: int) -> Image.Image:
        """Even grey noise, one byte a pixel."""
        data = shake_256(self.seed.encode()).digest(width * height)
        return Image.frombytes("L", (width, height), data)
