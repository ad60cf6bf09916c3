"""Shows people what was made, many results in one go and away from the loop: their files take time.

Knows how a result is shown by a function only.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kinoform.core.report import Ended
    from kinoform.core.types import Step

_WELL = ("done", "reused")


class Showing:
    """`publish` shows one result, and says whether its bytes are whole; one thread at a time calls it."""

    def __init__(self, publish: Callable[[Step, Ended], bool]) -> None:
        self._publish = publish
        self._whole: dict[tuple[str, int], bool] = {}

    async def ahead(self, ended: Iterable[tuple[Step, Ended]]) -> None:
        """Show these now, in a thread. Nothing else may be shown before this returns."""
        well = [(step, made) for step, made in ended if made.outcome in _WELL and not step.hidden]
        if well:
            await asyncio.to_thread(self._all, well)

    def _all(self, ended: Iterable[tuple[Step, Ended]]) -> None:
        for step, made in ended:
            self._whole[step.id, made.take] = self._publish(step, made)

    def show(self, step: Step, ended: Ended) -> bool:
        """Show it unless that was done ahead; whether its bytes are whole."""
        if step.hidden:
            return True
        whole = self._whole.pop((step.id, ended.take), None)
        return self._publish(step, ended) if whole is None else whole
