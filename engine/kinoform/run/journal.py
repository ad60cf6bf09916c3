"""Events of one run on their way to the ledger: gathered, and written in groups.

What is about money is on the disk before the caller goes on; what local work made may be lost with
the machine, because it can be made again.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.core.errors import EnvError
from kinoform.core.money import ZERO
from kinoform.core.states import RUN_KINDS
from kinoform.core.tasks import advance
from kinoform.core.types import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from kinoform.core.tasks import Cap, Task
    from kinoform.ports import Clock, Ledger

# Done when a record is on the disk; its exception is why it is not: EnvError, IllegalMoveError.
Written: TypeAlias = "asyncio.Future[Mapping[str, Cap]]"
_NO_SCOPES: Mapping[str, str] = MappingProxyType({})
_GROUP = 500
_LINGER = 0.004  # seconds that a record waits for others, where the last one was not alone
_PATIENCE = 2.0  # seconds that one which costs no money to lose waits for the next of its task


class Journal:
    """Notes events, tells the listener at once, writes them in groups.

    `scopes` leads from the ids of steps to the project that they are recorded for, where that is
    another one than the run's.
    `fault` is why the last of them could not be written, while that is so. `share` is what a step of
    unknown price holds of the ceilings (USD).
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        run: str,
        project: str,
        tell: Callable[[Event], None],
        scopes: Mapping[str, str] = _NO_SCOPES,
    ) -> None:
        self._ledger, self._clock = ledger, clock
        self._run, self._project, self._tell = run, project, tell
        self._scopes = scopes
        self._pending: list[Event] = []
        self._records: list[Event] = []  # those that somebody waits for
        self._intents: list[Event] = []
        self._held: dict[str, Event] = {}  # by task: to be written with its next record
        self._let_go: dict[str, Written] = {}  # by task: one of these, on its way by itself
        self._timer: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1)  # one after another, in the order of their events
        self._last: Future[Mapping[str, Cap]] | None = None  # handed over, and nobody awaits it
        self._waiting: list[Written] = []
        self._writer: asyncio.Task[None] | None = None
        self._untouched = True
        self.caps: Sequence[Cap] = ()
        self.share = ZERO
        self.fault: EnvError | None = None

    def note(
        self, kind: str, data: Mapping[str, Any], step: str = "", take: int = 0, key: str = ""
    ) -> None:
        """One event, now. Raises EnvError if earlier ones could not be written."""
        event = self._event(kind, data, step, take, key)
        self._pending.append(event)
        self._tell(event)
        if len(self._pending) >= _GROUP:
            self._hand_over()

    def tell(self, kind: str, data: Mapping[str, Any], step: str, take: int, key: str) -> None:
        """Tell the listener what is true for a moment, and is not worth a record."""
        self._tell(self._event(kind, data, step, take, key))

    def flush(self) -> None:
        """Write what is pending and nobody waits for, all or nothing; it is written on return.

        Raises EnvError.
        """
        self._hand_over()
        self._catch_up()

    def _hand_over(self) -> None:
        if self._untouched and all(event.kind in RUN_KINDS for event in self._pending):
            return  # a run in which nothing happens leaves no trace
        self._catch_up()
        self._untouched = False
        # What could not be written is as lost as in a crash: later it might no longer be true.
        pending, self._pending = self._pending, []
        if pending:
            self._last = self._thread.submit(self._write, pending, ())

    def _catch_up(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def close(self) -> None:
        """Write all that is pending: who waited may have been let go."""
        held, self._held = self._held.values(), {}
        self._pending, self._records = [*self._records, *held, *self._pending], []
        self.flush()

    def ease(self) -> None:
        """Write what nobody waits for, unless a group takes it along."""
        if not self._waiting and self._writer is None:
            self._hand_over()

    async def record(self, task: Task, kind: str, data: Mapping[str, Any]) -> Task:
        """One move of a task, on the disk when this returns; the task after it.

        What several tasks record in one turn of the loop is written and synced together. Raises
        EnvError, IllegalMoveError.
        """
        await self._told(task)
        after, written = self.enter(task, kind, data)
        await written
        return after

    def enter(self, task: Task, kind: str, data: Mapping[str, Any]) -> tuple[Task, Written]:
        """The same move on its way: the task after it, and what to await before the next one.

        For what may be done meanwhile: asking and fetching, which cost nothing. Raises
        IllegalMoveError.
        """
        after, event = self._moved(task, kind, data)
        held = self._held.pop(task.id, None)
        self._records += [event] if held is None else [held, event]
        return after, self._written()

    def announce(self, task: Task, kind: str, data: Mapping[str, Any]) -> Task:
        """A move that its provider would tell once more: the task after it.

        It is written with the next one of the task, for one sync and one row of it instead of two; or
        by itself after two seconds, or when it is hurried. Raises IllegalMoveError.
        """
        self.hurry(task)
        after, event = self._moved(task, kind, data)
        self._held[task.id] = event
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._hurry_all)
        return after

    def hurry(self, task: Task) -> None:
        """Let what was announced of a task wait no longer: it may be long until another record."""
        held = self._held.pop(task.id, None)
        if held is not None:
            self._records.append(held)
            self._let_go[task.id] = self._written()

    async def settle(self, task: Task) -> None:
        """Until what was announced of a task is on the disk. Raises EnvError."""
        self.hurry(task)
        await self._told(task)

    async def _told(self, task: Task) -> None:
        before = self._let_go.pop(task.id, None)
        if before is not None:
            await before

    def _hurry_all(self) -> None:
        held, self._held, self._timer = self._held, {}, None
        self._records += held.values()
        self._let_go |= {name: self._written() for name in held}

    def _moved(self, task: Task, kind: str, data: Mapping[str, Any]) -> tuple[Task, Event]:
        told, t = {**data, "intent": task.id}, task
        event = Event(self._clock.now(), self._run, t.project, kind, t.step, t.take, t.key, told)
        after = advance(task, event)
        self._tell(event)
        return after, event

    async def admit(self, data: Mapping[str, Any], step: str, take: int, key: str) -> Task | Cap:
        """Write an intent if its price fits under every cap; the task that it begins, or the cap.

        Raises EnvError.
        """
        event = self._event("intent", data, step, take, key)
        self._intents.append(event)
        refused = await self._written()
        cap = refused.get(str(data["intent"]))
        if cap is not None:
            return cap
        self._tell(event)
        return advance(None, event)

    def _written(self) -> Written:
        waiter: Written = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_groups())
        return waiter

    async def _write_groups(self) -> None:
        """One group after another; while the disk works on one, the next fills."""
        loop, crowded, self._untouched = asyncio.get_running_loop(), False, False
        while self._waiting:
            if crowded:
                await asyncio.sleep(_LINGER)
            group, self._waiting = self._waiting, []
            crowded = len(group) > 1
            events, self._pending, self._records = [*self._pending, *self._records], [], []
            intents, self._intents = self._intents, []
            try:
                refused = await loop.run_in_executor(self._thread, self._write, events, intents)
            except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear it)
                _tell(group, error)
            else:
                _tell(group, refused)
        self._writer = None

    def _write(self, events: Sequence[Event], intents: Sequence[Event]) -> Mapping[str, Cap]:
        try:
            if events:
                self._ledger.append(events)
            refused = self._ledger.admit(intents, self.caps) if intents else {}
        except EnvError as error:
            self.fault = error
            raise
        self.fault = None
        return refused

    def _event(self, kind: str, data: Mapping[str, Any], step: str, take: int, key: str) -> Event:
        project = self._scopes.get(step, self._project)
        return Event(self._clock.now(), self._run, project, kind, step, take, key, data)


def _tell(group: Iterable[Written], what: Mapping[str, Cap] | Exception) -> None:
    """Let those hear it who still wait."""
    for waiter in group:
        if waiter.done():
            continue
        if isinstance(what, Exception):
            waiter.set_exception(what)
            # Whoever is let go of before hearing it need not complain: `fault` says it.
            waiter.exception()
        else:
            waiter.set_result(what)
