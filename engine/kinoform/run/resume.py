"""Finishes what was begun and paid for, from the ledger alone: no pipeline is read, nothing is bought.

Whoever holds a key is at work on it already: that task is left to them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from kinoform.core.classes import dataclass
from kinoform.core.errors import KinoformError, Problem
from kinoform.run.buy import Buyer
from kinoform.run.halt import Halt
from kinoform.run.holds import Holds
from kinoform.run.journal import Journal
from kinoform.run.work import crashed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.core.tasks import Task
    from kinoform.core.types import Event, Result
    from kinoform.run.bench import Shop
    from kinoform.run.halt import Stop

_AT_ONCE: Final = 64
_GRACE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Resumed:
    """How one task stands now: its result, or what stands in its way; neither when it still runs."""

    task: Task
    result: Result | None = None
    problems: tuple[Problem, ...] = ()
    exit: int = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """The tasks to finish, and whom to tell. `absent` says why a provider is not there."""

    run: str
    tasks: Sequence[Task]
    tell: Callable[[Event], None]
    absent: Mapping[str, Problem]


class Resumption:
    """One round over open tasks."""

    def __init__(self, rest: Rest, shop: Shop, stop: Stop) -> None:
        self._rest, self._shop, self._stop = rest, shop, stop
        self._halt = Halt(shop.clock)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._buyers: dict[str, Buyer] = {}
        self._journals: dict[str, Journal] = {}

    async def run(self) -> list[Resumed]:
        """Every task as it stands afterwards, in the order given."""
        loop = asyncio.get_running_loop()
        work = [asyncio.create_task(self._one(task)) for task in _urgent_first(self._rest.tasks)]
        self._stop.listen(lambda: self._press(loop, work))
        try:
            ended = await asyncio.gather(*work, return_exceptions=True)
        finally:
            for buyer in self._buyers.values():
                await buyer.close()
            for journal in self._journals.values():
                journal.close()
        found = {each.task.id: each for each in map(_raised, ended) if each is not None}
        return [found.get(task.id, Resumed(task)) for task in self._rest.tasks]

    def _press(
        self, loop: asyncio.AbstractEventLoop, work: Sequence[asyncio.Task[Resumed]]
    ) -> None:
        self._halt.stop()
        grace = _GRACE if self._stop.presses == 1 else 0.0
        loop.call_later(grace, lambda: [task.cancel() for task in work])

    def _desk(self, task: Task) -> tuple[Journal, Buyer]:
        """Records belong to the project that bought."""
        if task.project not in self._buyers:
            rest, shop = self._rest, self._shop
            journal = Journal(shop.ledger, shop.clock, rest.run, task.project, rest.tell)
            self._journals[task.project] = journal
            self._buyers[task.project] = Buyer(shop, journal, self._halt)
        return self._journals[task.project], self._buyers[task.project]

    async def _one(self, task: Task) -> Resumed:
        if task.provider not in self._shop.services:
            absent = self._rest.absent.get(task.provider) or _absent(task)
            return Resumed(task, None, (absent,), 5)
        journal, buyer = self._desk(task)
        async with self._room:
            with Holds() as stack:
                try:
                    stack.enter_context(self._shop.locks.hold(task.key, _refuse))
                except _BusyError as busy:
                    return Resumed(task, None, (_held(task, str(busy)),), 0)
                return await self._finish(task, journal, buyer)

    async def _finish(self, task: Task, journal: Journal, buyer: Buyer) -> Resumed:
        now = {each.id: each for each in self._shop.ledger.tasks({task.key})}[task.id]
        if not now.is_open:
            return Resumed(now)
        journal.note("started", {}, task.step, task.take, task.key)
        try:
            result = await buyer.resume(now)
        except KinoformError as error:
            named = tuple(
                Problem(p.code, f"{task.step}: {p.message}", p.where, p.hint, p.path)
                for p in error.problems
            )
            return Resumed(now, None, named, error.exit)
        except Exception as error:  # noqa: BLE001  (one task's fault is not the others')
            return Resumed(now, None, crashed(task.model, error).problems, 1)
        return Resumed(now, result)


class _BusyError(Exception):
    """Another process works on it."""


def _refuse(holder: str) -> None:
    raise _BusyError(holder)


def _urgent_first(tasks: Sequence[Task]) -> list[Task]:
    """What is ready expires soonest."""
    return sorted(tasks, key=lambda task: (task.state != "arrived", task.begun))


def _raised(ended: Resumed | BaseException) -> Resumed | None:
    if isinstance(ended, asyncio.CancelledError):
        return None
    if isinstance(ended, BaseException):
        raise ended
    return ended


def _held(task: Task, holder: str) -> Problem:
    said = f"{task.step}: {holder} works on it"
    return Problem("held", said, severity="warning")


def _absent(task: Task) -> Problem:
    said = f"{task.step}: there is no provider called {task.provider}"
    return Problem("no-provider", said, hint="kinoform doctor says what is missing")
