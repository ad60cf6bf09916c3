"""Fetches once more what was bought and whose bytes are gone, while its provider still has it.

Asks and downloads; buys nothing, and takes nothing but the very bytes that were recorded.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import KinoformError
from kinoform.run import deliver, intents
from kinoform.run.deliver import Delivery, GoneError
from kinoform.run.walk import Walk

if TYPE_CHECKING:
    from kinoform.core.tasks import Task
    from kinoform.core.types import Action, Result
    from kinoform.ports import Done
    from kinoform.run.inspector import Inspector
    from kinoform.run.till import Till

_LIMIT: Final = 60.0  # seconds that a provider may take to say whether it has it


async def recover(till: Till, inspector: Inspector, result: Result, task: Task) -> bool:
    """Whether every byte of the result is in the store again. Raises nothing of the network."""
    action = intents.action_of(task)
    delivery = Delivery(till, inspector)
    try:
        async with asyncio.timeout(_LIMIT):
            at = deliver.stored(task)
            if at is not None and await _fetched(delivery, action, result, at):
                return True
            walk = Walk(till, action, task.estimate, (), fresh=False)
            fresh = await walk.resume(task)
            return fresh is not None and await _fetched(delivery, action, result, fresh)
    except (KinoformError, TimeoutError):
        return False


async def _fetched(delivery: Delivery, action: Action, result: Result, done: Done) -> bool:
    """By whatever order they come: the digest says which is which."""
    wanted = {blob.digest for blob in result.outputs}
    expect = action.expects[0]
    try:
        blobs = [await delivery.fetch(output, expect) for output in done.outputs]
    except GoneError:
        return False
    return wanted <= {blob.digest for blob in blobs}
