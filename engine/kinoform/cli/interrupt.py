"""Ctrl-C and the request to end, routed to a run: the first drains it, the second stops it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A closed terminal is a request to end like any other; Windows has no such signal.
_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interrupt:
    """Counts requests to stop and hands each on; `say(count)` is told first."""

    def __init__(self, say: Callable[[int], None]) -> None:
        self._say = say
        self.presses = 0

    @contextmanager
    def routed(self, press: Callable[[], None]) -> Iterator[None]:
        """While inside, signals of this process go to `press`; to be entered in a running loop."""
        loop = asyncio.get_running_loop()

        def on() -> None:
            self.presses += 1
            self._say(self.presses)
            press()

        before = {number: signal.getsignal(number) for number in _SIGNALS}
        try:
            for number in _SIGNALS:
                _route(loop, number, on)
            yield
        finally:
            for number, handler in before.items():
                _restore(loop, number, handler)


def _route(loop: asyncio.AbstractEventLoop, number: signal.Signals, on: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, on)
    except NotImplementedError:  # Windows has no such loop
        signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(on))
    except (RuntimeError, ValueError):
        return  # not the main thread: signals are somebody else's


def _restore(loop: asyncio.AbstractEventLoop, number: signal.Signals, handler: Any) -> None:
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.remove_signal_handler(number)
    try:
        signal.signal(number, handler)
    except ValueError:
        return  # not the main thread
