"""Fetches once more what was bought and whose bytes are gone, while its provider still has it.

Asks and downloads; buys nothing, and takes nothing but the very bytes that were recorded.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import KinoformError
from kinoform.ports import Done, Send, Wait
from kinoform.run import deliver, intents
from kinoform.run.deliver import Delivery, GoneError

if TYPE_CHECKING:
    from kinoform.core.tasks import Task
    from kinoform.core.types import Action, Result
    from kinoform.run.inspector import Inspector
    from kinoform.run.till import Till

_LIMIT: Final = 60.0  # seconds that a provider may take to say whether it has it
_WAITS: Final = 3  # times that it may put us off


async def recover(till: Till, inspector: Inspector, result: Result, task: Task) -> bool:
    """Whether every byte of the result is in the store again. Raises nothing of the network."""
    action = intents.action_of(task)
    delivery = Delivery(till, inspector)
    try:
        async with asyncio.timeout(_LIMIT):
            at = deliver.stored(task)
            if at is not None and await _fetched(delivery, action, result, at):
                return True
            fresh = await _asked(till, action, task)
            return fresh is not None and await _fetched(delivery, action, result, fresh)
    except (KinoformError, TimeoutError):
        return False


async def _asked(till: Till, action: Action, task: Task) -> Done | None:
    """Where its results are now; None where the provider does not say that it has them.

    The task was finished, so "not yet" is no answer that is worth waiting for.
    """
    cursor, reply, waits = intents.read(task), None, 0
    while waits <= _WAITS:
        move = till.service.provider.advance(action, cursor, reply)
        if isinstance(move, Done):
            return move
        if isinstance(move, Send) and not move.spends:
            cursor, reply = move.then, await till.post.send(move.request)
        elif isinstance(move, Wait):
            cursor, reply, waits = move.then, None, waits + 1
            if await till.halt.nap(move.seconds):
                return None
        else:
            return None
    return None


async def _fetched(delivery: Delivery, action: Action, result: Result, done: Done) -> bool:
    """By whatever order they come: the digest says which is which."""
    wanted = {blob.digest for blob in result.outputs}
    expect = action.expects[0]
    try:
        blobs = [await delivery.fetch(output, expect) for output in done.outputs]
    except GoneError:
        return False
    return wanted <= {blob.digest for blob in blobs}
