"""A ledger and an index in memory: for tests and dry runs; gone with the process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.core.ledger import from_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kinoform.core.types import Event, Result


class MemoryLedger:
    """A `ports.Ledger` as a list."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._results: dict[str, Result] = {}
        self._heads: dict[tuple[str, str, int], str] = {}

    def append(self, events: Sequence[Event]) -> None:
        """Keep all or none. Raises ValueError for a `result` whose data is no record of its key."""
        results = {e.key: from_record(e.data) for e in events if e.kind == "result"}
        if any(key != result.key for key, result in results.items()):
            raise ValueError("a record's key is not its event's")
        seq = len(self._events)
        self._events += [replace(e, seq=seq + i) for i, e in enumerate(events, 1)]
        self._results |= results
        self._heads |= {
            (e.project, e.step, e.take): e.key for e in events if e.kind in {"result", "head"}
        }

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys."""
        return {key: self._results[key] for key in keys if key in self._results}

    def heads(self, project: str) -> dict[tuple[str, int], str]:
        """(step id, take) to the key that this project last had there."""
        return {(s, t): key for (p, s, t), key in self._heads.items() if p == project}

    def events(self, run: str = "") -> Iterator[Event]:
        """All events in order, or those of one run."""
        return (event for event in tuple(self._events) if not run or event.run == run)


class MemoryIndex:
    """A `ports.Index` as a dict."""

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """The remembered text, or None."""
        return self._facts.get(key)

    def put(self, items: Mapping[str, str]) -> None:
        """Remember these."""
        self._facts |= items
