"""Who listens to a run, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from kinoform.core.types import Event

Signals: TypeAlias = Callable[[Callable[[], None]], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who listens and who may stop: `tell` hears every event, `signals(press)` routes to `press`.

    `rest` hears when a run has begun all that it can, and waits: what was told till then can be shown.
    """

    tell: Callable[[Event], None] = lambda _event: None
    signals: Signals = lambda _press: nullcontext()
    fail_fast: bool = False
    rest: Callable[[], None] = lambda: None

    def also(self, hear: Callable[[Event], None]) -> Watch:
        """The same, with another listener before the first."""

        def both(event: Event) -> None:
            hear(event)
            self.tell(event)

        return replace(self, tell=both)
