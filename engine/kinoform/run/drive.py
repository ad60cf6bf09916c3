"""Walks a provider through one hosted task, move by move. The only road by which money can leave.

The providers of this version need no network of ours yet: a `Send` has nobody to carry it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.ports import Cursor, Done, Fail, Send

if TYPE_CHECKING:
    from kinoform.core.types import Action
    from kinoform.ports import Clock, Provider


async def drive(provider: Provider, action: Action, clock: Clock) -> Done | Fail:
    """The end of the task. A cursor moves only forward; nothing here retries a submit."""
    cursor = Cursor()
    while True:
        move = provider.advance(action, cursor, None)
        if isinstance(move, Done | Fail):
            return move
        if isinstance(move, Send):
            return Fail("network", "requests are not carried yet")
        cursor = move.then
        await clock.sleep(move.seconds)
