"""A provider's wish for fewer requests, obeyed by every task of every process of this machine.

After a refusal one task tries alone; the others follow when it was heard.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kinoform.ports import Clock
    from kinoform.run.bench import Pauses
    from kinoform.run.halt import Halt

_LONGEST: Final = 120.0  # seconds
_LOOK: Final = 0.25  # seconds between two looks at somebody else's try


class Throttle:
    """The turns of one account. `name` is the account's among all."""

    def __init__(self, name: str, pauses: Pauses, clock: Clock, halt: Halt) -> None:
        self._name, self._pauses, self._clock, self._halt = name, pauses, clock, halt
        self._strikes = 0
        self._trying = False
        # Of its own in each process: those that tried at one moment would try again at one moment.
        self._random = random.Random()  # noqa: S311  (spreads tries in time; guards nothing)

    async def turn(self) -> bool:
        """Wait for a turn; False when the run stops meanwhile."""
        while not self._halt.stopping:
            wait = self._pauses.until(self._name) - self._clock.now()
            if wait <= 0 and not self._trying:
                self._trying = self._strikes > 0
                return True
            pause = wait + self._random.random() * wait / 10 if wait > 0 else _LOOK
            if await self._halt.nap(pause):
                return False
        return False

    def answered(self) -> None:
        """The one that had the turn has its answer, or gave up."""
        self._trying = False

    def passed(self) -> None:
        """The provider takes requests again."""
        self._strikes = 0

    def refused(self, seconds: float) -> None:
        """The provider wants less, for so many seconds (0: it did not say)."""
        self._strikes += 1
        pause = seconds or min(_LONGEST, 2.0 ** min(self._strikes, 7)) * self._random.uniform(
            0.5, 1
        )
        self._pauses.pause(self._name, self._clock.now() + min(_LONGEST, pause))
