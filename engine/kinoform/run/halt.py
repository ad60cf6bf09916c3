"""Waiting that a person's wish to stop ends at once.

One place knows who sleeps, so that ten thousand tasks need no watcher each.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Clock


class Halt:
    """`stopping` is true from the first request to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._naps: set[asyncio.Future[None]] = set()
        self.stopping = False

    def stop(self) -> None:
        """Wake everybody; nobody sleeps any more."""
        self.stopping = True
        for nap in tuple(self._naps):
            nap.cancel()

    async def nap(self, seconds: float) -> bool:
        """Sleep; True when the sleeper is to end what it does."""
        if self.stopping:
            return True
        nap = asyncio.ensure_future(self._clock.sleep(seconds))
        self._naps.add(nap)
        try:
            await nap
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self.stopping or (task is not None and task.cancelling()):
                raise
        finally:
            self._naps.discard(nap)
        return self.stopping


class Stop:
    """How often a person asked to stop: once drains, twice ends."""

    def __init__(self) -> None:
        self.presses = 0
        self._hear: Callable[[], None] = lambda: None

    def listen(self, hear: Callable[[], None]) -> None:
        """Call `hear` at every press from now on, and now if there was one."""
        self._hear = hear
        if self.presses:
            hear()

    def press(self) -> None:
        """Ask once more."""
        self.presses += 1
        self._hear()
