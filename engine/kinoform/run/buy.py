"""Buys one action, or finishes buying it: what a task's record says decides where to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.errors import KinoformError, OpError, Problem
from kinoform.core.money import dollars, text
from kinoform.core.tasks import STANDING, by_key, held, last_word
from kinoform.run import deliver, intents
from kinoform.run.deliver import Delivery, GoneError
from kinoform.run.inspector import Inspector
from kinoform.run.recover import recover
from kinoform.run.rounds import Rounds
from kinoform.run.till import Till, open_till
from kinoform.run.walk import Walk

if TYPE_CHECKING:
    from decimal import Decimal

    from kinoform.core.tasks import Task
    from kinoform.core.types import Action, Result
    from kinoform.ports import Done
    from kinoform.run.bench import Shop
    from kinoform.run.halt import Halt
    from kinoform.run.journal import Journal

_ADDRESSES = 3  # times that a provider is asked for an address that works


class Buyer:
    """Everything hosted that one run does."""

    def __init__(self, shop: Shop, journal: Journal, halt: Halt) -> None:
        self._shop, self._journal, self._halt = shop, journal, halt
        self._inspector = Inspector(shop.executor, shop.verify, shop.store)
        self._tills: dict[str, Till] = {}
        self._tasks = Rounds(lambda keys: by_key(shop.ledger.tasks(keys)))

    async def buy(self, action: Action, reserve: Decimal, *, again: bool) -> Result | None:
        """Its result, recorded: from the task that is under way, else from a new one.

        `again` begins anew where an earlier task ended without a result. None when this run was
        asked to stop. Raises KinoformError.
        """
        tasks = await self._tasks.of(action.key) or ()
        last = last_word(tasks)
        least = last.estimate if last is not None else reserve
        walk = Walk(self._till(action), action, max(reserve, least), tasks, fresh=True)
        if last is not None and last.is_open:
            return await self._finish(walk, action, last)
        if last is not None and last.state in STANDING and not again:
            raise standing(last)
        self._inspector.warm()
        return await self._deliver(walk, action, await walk.begin(held(tasks)))

    async def resume(self, task: Task) -> Result | None:
        """The same for a task alone, from its record. Begins nothing. Raises KinoformError."""
        action = intents.action_of(task)
        tasks = self._shop.ledger.tasks({task.key})
        walk = Walk(self._till(action), action, task.estimate, tasks, fresh=False)
        return await self._finish(walk, action, task)

    async def recover(self, result: Result, task: Task) -> bool:
        """Whether bytes that were bought and lost could be had once more, for nothing."""
        till = self._till(intents.action_of(task))
        return await recover(till, self._inspector, result, task)

    async def close(self) -> None:
        """Let go of every connection."""
        self._inspector.close()
        for till in self._tills.values():
            till.write_down()
            await till.service.carrier.close()

    def _till(self, action: Action) -> Till:
        name = action.op.pool
        if name not in self._tills:
            service = self._shop.services[name]
            self._tills[name] = open_till(service, self._shop, self._journal, self._halt)
        return self._tills[name]

    async def _finish(self, walk: Walk, action: Action, task: Task) -> Result | None:
        walk.task = task
        done = deliver.stored(task) if task.state == "arrived" else None
        return await self._deliver(walk, action, done or await walk.resume(task))

    async def _deliver(self, walk: Walk, action: Action, done: Done | None) -> Result | None:
        """Bring it home, from another address where one has expired."""
        delivery, said = Delivery(self._till(action), self._inspector), ""
        for _ in range(_ADDRESSES):
            if done is None or walk.task is None:
                return None
            walk.task = delivery.announce(walk.task, done)
            try:
                return await self._brought(delivery, action, walk.task, done)
            except GoneError as gone:
                said = str(gone)
            done = await walk.resume(walk.task)
        if walk.task is None:
            return None
        lost = await self._journal.record(
            walk.task, "gone", {"why": said, "paid": text(walk.task.estimate)}
        )
        raise deliver.gone(lost, said)

    async def _brought(self, delivery: Delivery, action: Action, task: Task, done: Done) -> Result:
        """Its result; where there is none, its addresses are on record before its key is let go."""
        try:
            return await delivery.bring(action, task, done)
        except Exception:
            await self._journal.settle(task)
            raise
        finally:
            self._journal.hurry(task)


def standing(task: Task) -> KinoformError:
    """Why a request that was refused, or came only in part, is not sent again by itself."""
    said = str(task.data.get("why", "")) or task.state
    if task.state == "gone":
        return deliver.gone(task, said)
    code: dict[str, Any] = {"refused": "moderated", "partial": "partial-results"}
    told = {
        "refused": f"{task.provider} refused this very request before: {said}",
        "partial": f"an earlier attempt brought only some results ({dollars(task.paid)}): {said}",
    }
    hint = f"change the request; --rebuy {task.step} sends the same once more"
    return OpError(Problem(code[task.state], told[task.state], hint=hint))
