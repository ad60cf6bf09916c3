"""Time that runs faster than ours and can be moved. Knows no task."""

from __future__ import annotations

import asyncio
import time


class Time:
    """A virtual clock: `start` + real seconds since * `speed` + jumps. One event loop at a time."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        self.speed = speed
        self._start = time.time() if start is None else start
        self._zero = time.monotonic()
        self._sleepers: set[asyncio.Event] = set()

    def now(self) -> float:
        """Seconds since the epoch, as this server sees them."""
        return self._start + (time.monotonic() - self._zero) * self.speed

    def jump(self, seconds: float) -> None:
        """Move the clock, forward or back. Who sleeps looks at it anew. Call it on the loop."""
        self._start += seconds
        for sleeper in self._sleepers:
            sleeper.set()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock is so many seconds further on."""
        await self.until(self.now() + seconds)

    async def until(self, at: float) -> None:
        """Wait until the clock says `at`."""
        moved = asyncio.Event()
        self._sleepers.add(moved)
        try:
            while (left := at - self.now()) > 0:
                moved.clear()
                try:
                    await asyncio.wait_for(moved.wait(), left / self.speed)
                except TimeoutError:
                    continue
        finally:
            self._sleepers.discard(moved)
