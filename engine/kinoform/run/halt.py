"""Waiting that a person's wish to stop ends at once.

One place knows who sleeps, so that ten thousand tasks need no watcher each. Nor a timer: those that
hear in one turn of the loop that they are to wait, wait for as long, and together.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kinoform.ports import Clock


class Halt:
    """`stopping` is true from the first request to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._naps: set[asyncio.Future[None]] = set()
        self._turn: dict[float, list[asyncio.Future[None]]] = {}  # who began one in this turn
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
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        if not self._turn:
            loop.call_soon(self._turn.clear)
        if seconds not in self._turn:
            self._turn[seconds] = []
            nap = asyncio.ensure_future(self._clock.sleep(seconds))
            self._naps.add(nap)
            nap.add_done_callback(partial(self._over, self._turn[seconds]))
        self._turn[seconds].append(waiter)
        await waiter
        return self.stopping

    def _over(self, sleepers: Sequence[asyncio.Future[None]], nap: asyncio.Future[None]) -> None:
        """Wake those who are still asleep, with whatever went wrong."""
        self._naps.discard(nap)
        error = None if nap.cancelled() else nap.exception()
        for each in sleepers:
            if each.done():
                continue
            if error is None:
                each.set_result(None)
            else:
                each.set_exception(error)


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
