"""A `ports.Ledger` and a `ports.Index` in memory, for tests; gone with the process."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING

from kinoform.core.ledger import from_record
from kinoform.stores.task_rows import covers, from_text, moved, named, nano, sift, to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kinoform.core.tasks import Cap, Task
    from kinoform.core.types import Event, Gist, Result


class MemoryLedger:
    """A `ports.Ledger` as a list. Safe to share between threads."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._results: dict[str, Result] = {}
        self._heads: dict[tuple[str, str, int], str] = {}
        self._tasks: dict[str, Task] = {}
        self._lock = RLock()

    def append(self, events: Sequence[Event]) -> None:
        """Keep all or none. Raises ValueError for a `result` whose data is no record of its key.

        Raises IllegalMoveError for what its task does not allow.
        """
        with self._lock:
            self._append(events)

    def admit(self, intents: Sequence[Event], caps: Sequence[Cap]) -> Mapping[str, Cap]:
        """Keep the intents that fit under every cap; intent id -> cap for the others.

        Raises IllegalMoveError for one whose key has an open task, ValueError for what is no intent.
        """
        with self._lock:
            fit, refused = sift(intents, {cap: self._spent(cap) for cap in named(caps)})
            self._append(fit)
        return refused

    def _spent(self, cap: Cap) -> int:
        under = (task for task in self._tasks.values() if covers(cap, task))
        return sum(nano(task.reserved) + nano(task.paid) for task in under)

    def _append(self, events: Sequence[Event]) -> None:
        results = {e.key: from_record(e.data) for e in events if e.kind == "result"}
        if any(key != result.key for key, result in results.items()):
            raise ValueError("a record's key is not its event's")
        crowd = Counter(task.key for task in self._tasks.values() if task.is_open)
        # Through text, so that a task reads the same here and from a disk.
        tasks = {
            name: from_text(to_text(task))
            for name, task in moved(events, self._tasks, crowd).items()
        }
        seq = len(self._events)
        self._events += [replace(e, seq=seq + i) for i, e in enumerate(events, 1)]
        self._results |= results
        self._tasks |= tasks
        self._heads |= {
            (e.project, e.step, e.take): e.key for e in events if e.kind in {"result", "head"}
        }

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys."""
        return {key: self._results[key] for key in keys if key in self._results}

    def gists(self, keys: Collection[str]) -> dict[str, Gist]:
        """What plans read of these results."""
        return {key: result.gist for key, result in self.results(keys).items()}

    def heads(self, project: str) -> dict[tuple[str, int], str]:
        """(step id, take) to the key that this project last had there."""
        return {(s, t): key for (p, s, t), key in self._heads.items() if p == project}

    def tasks(self, keys: Collection[str] | None = None) -> tuple[Task, ...]:
        """The tasks of these keys, or all there ever were, in the order of their intents."""
        wanted = None if keys is None else set(keys)
        tasks = tuple(self._tasks.values())
        return tuple(task for task in tasks if wanted is None or task.key in wanted)

    def open_tasks(self) -> tuple[Task, ...]:
        """The tasks that the provider may still have or get, in the order of their intents."""
        return tuple(task for task in tuple(self._tasks.values()) if task.is_open)

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
