"""An event loop whose time leaps to the next thing that happens: days pass in milliseconds.

What others give to a thread is done at once, so that the same steps give the same story.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Executor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
START = 1_795_000_000.0  # seconds since the epoch when a loop begins


class Stuck(Exception):  # noqa: N818  (what a test shows, not a fault of the loop)
    """Everybody waits, and nothing will ever happen."""


class _Leap(selectors.SelectSelector):
    """Never waits: moves the time of its loop instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck
        if timeout > 0:
            self.loop.leap(timeout)
        return []


class OneThread(asyncio.SelectorEventLoop):
    """A loop that does at once what others give to a thread."""

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  (it belongs to who waits for the answer)
            done.set_exception(error)
        return done


class VirtualLoop(OneThread):
    """Seconds since the loop began are virtual. No sockets, pipes or threads."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        selector = _Leap()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self._elapsed

    def leap(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed += seconds

    def step(self) -> None:
        """What is due now, and what that makes due no more."""
        self.call_soon(self.stop)
        self.run_forever()


class VirtualClock:
    """The time of a loop, for those who are told what time it is.

    Nobody sleeps for less than `grain`: who looks every now and then does not slow down a week.
    """

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.grain = 0.0

    def now(self) -> float:
        return START + self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, self.grain))

    def pass_by(self, seconds: float, looks: int = 200) -> None:
        """Let so much time pass, in which everybody looks so often at most."""
        self.grain = seconds / looks if seconds > looks else 0.0
        self._loop.run_until_complete(asyncio.sleep(seconds))
        self.grain = 0.0


def virtually(work: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """What comes of it, on a loop of its own."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work(loop))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
