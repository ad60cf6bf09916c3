"""Many small facts that are asked for together, as one entry of an index: one look-up for all.

As disposable as the index itself; two writers at once cost each other's news, nothing else.
"""

from __future__ import annotations

import json
from functools import cached_property
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
    def _facts(self) -> dict[str, object]:
        try:
            found = json.loads(self._index.get(self._key) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def get(self, key: str) -> str | None:
        """The remembered text, or None."""
        found = self._facts.get(key)
        return found if isinstance(found, str) else None

    def put(self, items: Mapping[str, str]) -> None:
        """Remember these until `save`."""
        self._facts.update(items)
        self._changed = self._changed or bool(items)

    def save(self) -> None:
        """Hand everything to the index, if there is news."""
        if self._changed:
            self._index.put({self._key: json.dumps(self._facts)})
            self._changed = False
