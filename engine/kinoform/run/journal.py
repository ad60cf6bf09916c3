"""Events of one run on their way to the ledger: gathered, and written in groups.

What was paid is flushed before anything else happens; what local work made may be lost with the
machine, because it can be made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.types import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.ports import Clock, Ledger

_GROUP = 500


class Journal:
    """Notes events, tells the listener at once, writes them in groups."""

    def __init__(
        self, ledger: Ledger, clock: Clock, run: str, project: str, tell: Callable[[Event], None]
    ) -> None:
        self._ledger, self._clock = ledger, clock
        self._run, self._project, self._tell = run, project, tell
        self._pending: list[Event] = []

    def note(
        self, kind: str, data: Mapping[str, Any], step: str = "", take: int = 0, key: str = ""
    ) -> None:
        """One event, now."""
        event = Event(self._clock.now(), self._run, self._project, kind, step, take, key, data)
        self._pending.append(event)
        self._tell(event)
        if len(self._pending) >= _GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what is pending, all or nothing."""
        if self._pending:
            self._ledger.append(self._pending)
            self._pending = []
