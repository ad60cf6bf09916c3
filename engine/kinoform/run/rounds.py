"""One question to the ledger for all who ask in the same turn of the loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Answer = TypeVar("Answer")


class Rounds(Generic[Answer]):
    """`ask` gives what there is of many keys.

    It is asked after the last of those who want to know: whoever holds a key when asking hears what
    another process made of it before. For one key alone that takes a turn of the loop longer.
    """

    def __init__(self, ask: Callable[[Collection[str]], Mapping[str, Answer]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[str, asyncio.Future[Answer | None]]] = []

    async def of(self, key: str) -> Answer | None:
        """What there is of a key. Raises what `ask` raises."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Answer | None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._answer)
        self._waiting.append((key, waiter))
        return await waiter

    def _answer(self) -> None:
        asked, self._waiting = self._waiting, []
        waiting = [(key, waiter) for key, waiter in asked if not waiter.done()]  # not let go of
        try:
            found = self._ask({key for key, _ in waiting})
        except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear it)
            for _, waiter in waiting:
                waiter.set_exception(error)
            return
        for key, waiter in waiting:
            waiter.set_result(found.get(key))
