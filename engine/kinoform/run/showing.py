"""Shows people what was made, in the order in which it ended and beside the run: files take time.

Nobody waits for it: what reads a result reads the store. Knows how a result is shown by a function only.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from kinoform.core.report import Ended
    from kinoform.core.types import Result, Step

# Shows what a step ended with, by this record of it where the run has it at hand; says whether its
# bytes are whole.
Publish: TypeAlias = "Callable[[Step, Ended, Result | None], bool]"
_Shown: TypeAlias = "tuple[int, Step, Ended, Result | None]"
_ROUND = 64  # results handed over in one go


class Showing:
    """Calls `publish` in one thread of its own."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._waiting: list[_Shown] = []
        self._thread = ThreadPoolExecutor(1)
        self._rounds: list[Future[list[int]]] = []

    def add(self, place: int, step: Step, ended: Ended, result: Result | None) -> None:
        """Let it be shown soon."""
        if not step.hidden:
            self._waiting.append((place, step, ended, result))
            if len(self._waiting) >= _ROUND:
                self.go_on()

    def go_on(self) -> None:
        """Hand over what waits."""
        if self._waiting:
            self._rounds.append(self._thread.submit(self._all, self._waiting))
            self._waiting = []

    def damaged(self) -> Iterator[int]:
        """The places whose bytes turned out not to be whole since this was asked last."""
        while self._rounds and self._rounds[0].done():
            yield from self._rounds.pop(0).result()

    def close(self) -> None:
        """Return when all is shown."""
        self.go_on()
        self._thread.shutdown()

    def _all(self, shown: Sequence[_Shown]) -> list[int]:
        return [place for place, step, ended, made in shown if not self._publish(step, ended, made)]
