"""So many places for one purpose among all processes of this machine; a dead holder's is free.

Knows nothing of what is done in a place; who finds none asks again later.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING

from kinoform.stores import ranges

if TYPE_CHECKING:
    from pathlib import Path


class Slots:
    """At most `most` holders at once of the slots called `name`. Safe to share between threads.

    Where the system has no byte locks (elsewhere than on Linux) processes do not count each other.
    """

    def __init__(self, folder: Path, name: str, most: int) -> None:
        self._most = most
        path = folder / f"{sha256(name.encode()).hexdigest()[:32]}.slots"
        self._bytes = ranges.ByteRanges(path) if ranges.AVAILABLE else None
        self._mutex = Lock()
        self._held: set[int] = set()
        self._next = 0  # where the search begins: from the front, ten thousand take seconds

    def try_take(self) -> int | None:
        """A slot from 0 to `most` - 1, or None if all are held. Raises EnvError."""
        with self._mutex:
            if len(self._held) >= self._most:
                return None
            places = chain(range(self._next, self._most), range(self._next))
            free = (n for n in places if n not in self._held)
            slot = next((n for n in free if self._bytes is None or self._bytes.take(n)), None)
            if slot is not None:
                self._held.add(slot)
                self._next = (slot + 1) % self._most
            return slot

    def give(self, slot: int) -> None:
        """Let go of a slot that `try_take` gave. Raises KeyError for any other."""
        with self._mutex:
            self._held.remove(slot)
            if self._bytes is not None:
                self._bytes.give(slot)
