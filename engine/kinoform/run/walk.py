"""One hosted task, move by move: the only road by which money can leave.

A provider says what to do next; this says what must be on the disk before, and never sends a submit
twice unless nothing can come of it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import EnvError, OpError, Problem, SpendError, WaitError
from kinoform.core.money import text
from kinoform.core.remedies import REMEDIES, booked
from kinoform.core.tasks import next_epoch
from kinoform.ports import Accepted, Cursor, Done, Fail, Reply, Send, Unknown, Void, Wait
from kinoform.run import doubts, intents
from kinoform.run.bench import blobs_in
from kinoform.run.doubts import UNANSWERED
from kinoform.run.holds import Holds
from kinoform.run.sayings import begin_again, failed, hint, nobody_knows, unrecorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from kinoform.core.tasks import Task
    from kinoform.core.types import Action
    from kinoform.ports import Move, Request
    from kinoform.run.journal import Written
    from kinoform.run.till import Till

_TRIES = 6  # times that a request which never left is tried
_ANEW = 3  # attempts that one walk makes, each after proof that the last one came to nothing
_DAY = 86_400.0
_STALE = 60.0  # seconds by which what a provider knows of an intent's age may be wrong
_FRESH = 600.0  # seconds that a provider has to give another address of what is ready
_ACCEPTED = ("running", "parked", "arrived")
_PASSING = ("stale-input", "busy")  # refusals that another attempt, under another id, may not meet


class Walk:
    """`task` is None until something was begun. With `fresh` false nothing new is begun."""

    def __init__(
        self, till: Till, action: Action, reserve: Decimal, tasks: Iterable[Task], *, fresh: bool
    ) -> None:
        self._till, self._action, self._reserve, self._fresh = till, action, reserve, fresh
        self._past = list(tasks)
        self.task: Task | None = None
        self._cursor = Cursor()
        self._stack = Holds()  # the account's place, held to the end
        self._gate = Holds()  # held while a submit is unanswered
        self._clean = True  # no submit that was sent can have been accepted
        self._ack: Written | None = None  # on its way to the disk
        self._heard = False  # the last reply was one to a submit
        self._anew = 0
        self._left = 0.0  # when the last request left
        self._doubt = False
        self._only_clear = False
        self._held: list[Mapping[str, Any]] = []
        self._since = till.shop.clock.now()

    async def begin(self, held: Sequence[Mapping[str, Any]] = ()) -> Done | None:
        """Buy it, but for the results that are held. None when asked to stop. Raises KinoformError."""
        self._held = list(held)
        self._cursor = self._new(len(self._action.expects) - len(held) if held else None)
        return await self._to_end()

    async def resume(self, task: Task) -> Done | None:
        """Go on from a task's last record. None when asked to stop. Raises KinoformError."""
        gate = self._till.service.provider.gate(self._action)
        in_doubt = self._take_up(task)
        if in_doubt and gate and not await self._till.gate(gate, self._gate, self._action):
            return None
        return await self._to_end()

    async def clear(self, task: Task) -> None:
        """Only find out whether the provider has it, from within its gate. Raises KinoformError."""
        self._take_up(task)
        self._only_clear = True
        await self._to_end()

    def _take_up(self, task: Task) -> bool:
        """Stand where its last record says; whether it is in doubt."""
        self.task, self._cursor, self._clean = task, intents.read(task), False
        self._doubt, self._since = task.state in UNANSWERED, self._till.shop.clock.now()
        if self._doubt:
            age = max(0.0, self._since - task.begun)
            passing = {"sent": task.begun, "age": age, "resent": True, **self._accounts()}
            self._cursor = replace(self._cursor, data={**self._cursor.data, **passing})
        return self._doubt

    def _new(self, count: int | None = None) -> Cursor:
        epoch = next_epoch(self._past)
        account = self._till.service.account
        data: dict[str, Any] = {
            "task": account.task_id(self._action.key, epoch),
            "refs": self._till.refs({blob.digest for blob in blobs_in(self._action.params)}),
        }
        offset = self._till.post.offset
        data |= {} if count is None else {"count": count}
        return Cursor("new", data | ({} if offset is None else {"offset": offset}))

    def _accounts(self) -> dict[str, list[Any]]:
        """What tasks of the provider some record accounts for: by their ids, or not yet by theirs."""
        mine = [t for t in self._till.shop.ledger.tasks() if t.provider == self._action.op.pool]
        own = self.task.id if self.task is not None else ""
        pending = [[t.model, t.begun] for t in mine if t.state in UNANSWERED and t.id != own]
        return {"known": [task.task for task in mine if task.task], "pending": pending}

    async def _to_end(self) -> Done | None:
        reply: Reply | None = None
        try:
            while not self._is_clear():
                move = self._till.service.provider.advance(self._action, self._cursor, reply)
                if isinstance(move, Done):
                    await self._acknowledged()
                    return move
                reply = await self._take(move)
        except _Stopped:
            await self._acknowledged()
        finally:
            self._gate.close()
            self._stack.close()
            self._till.throttle.answered()
        return None

    def _is_clear(self) -> bool:
        """Whether no more was to be found out than is known by now."""
        known = self.task is not None and self.task.state not in UNANSWERED
        return self._only_clear and known

    async def _take(self, move: Move) -> Reply | None:
        """Carry one move out; the reply to hand to the provider, if it asked for one."""
        if isinstance(move, Send):
            return await (self._submit(move) if move.spends else self._ask(move))
        if isinstance(move, Fail):
            await self._fail(move)
        elif isinstance(move, Wait):
            await self._wait(move)
        elif isinstance(move, Accepted):
            await self._accept(move)
        elif isinstance(move, Void):
            await self._void(move)
        elif isinstance(move, Unknown):
            await self._lose_sight(move)
        return None

    def _go(self, then: Cursor) -> None:
        """Stand where the provider says, and remember what stands for bytes from now on."""
        before, now = self._cursor.data.get("refs"), then.data.get("refs") or {}
        fresh = {d: ref for d, ref in now.items() if d not in (before or {})} if now else {}
        for digest, known in fresh.items():
            self._till.remember(digest, known.get("ref", ""), float(known.get("fresh", 0)))
        if fresh:  # an upload costs more than a note
            self._till.write_down()
        self._cursor = then

    # sending

    async def _ask(self, move: Send) -> Reply:
        """A request that costs nothing, as often as it takes to leave."""
        if self._till.halt.stopping:
            raise _Stopped
        reply = await self._carried(move.request)
        self._heard = False
        self._go(self._told(move.then))
        return reply

    def _told(self, cursor: Cursor) -> Cursor:
        """With the ids that are accounted for by now, while it matters which are."""
        task, provider = self.task, self._till.service.provider
        if task is None or task.state not in UNANSWERED or not provider.gate(self._action):
            return cursor
        return replace(cursor, data={**cursor.data, **self._accounts()})

    async def _submit(self, move: Send) -> Reply | None:
        """The one line at which money can leave, after one check and one record."""
        if self.task is None or not self.task.is_open:
            await self._intend(move)
        elif not (self._clean or move.repeatable):
            said = "a submit whose outcome is unknown would be sent again"
            raise EnvError(Problem("provider-failed", said, hint="this is a fault of kinoform"))
        elif not await self._till.throttle.turn():
            await self._withdraw()
            raise _Stopped
        elif self._has_aged():
            self._till.throttle.answered()
            return None
        if self._till.journal.fault:  # what comes back could not be written down
            raise EnvError(self._till.journal.fault.problems)
        self._doubt = self._doubt or not self._clean
        assert self.task is not None  # noqa: S101  (an intent stands before every submit)
        reply = await self._carried(self._till.post.recorded(move.request, self.task))
        self._clean, self._heard = False, True
        self._till.throttle.answered()
        sent = {"sent": self._left, "lost": reply.at or self._left, "resent": self._doubt}
        self._go(Cursor(move.then.stage, {**move.then.data, **sent}))
        return reply

    def _has_aged(self) -> bool:
        """Whether the provider must hear first how old a submit is that was in doubt before.

        It counts the seconds that it asked to wait; a turn, or a machine that sleeps, takes more.
        """
        assert self.task is not None  # noqa: S101  (only what was sent is sent again)
        age = self._till.shop.clock.now() - self.task.begun
        if self._clean or age - float(self._cursor.data.get("age", 0)) <= _STALE:
            return False
        self._cursor = replace(self._cursor, data={**self._cursor.data, "age": age})
        return True

    async def _intend(self, move: Send) -> None:
        """Gate, place, turn, body, intent: in this order, and the last one synced.

        The turn comes last of what is waited for: who has it may not wait for somebody without.
        """
        till, action = self._till, self._action
        if not self._fresh:
            raise WaitError(begin_again(action))
        gate = move.gate
        free = not gate or await doubts.enter(till, gate, self._gate, action, self._clear)
        if not (free and await till.place(self._stack) and await till.throttle.turn()):
            raise _Stopped
        body = await till.post.kept(move.request)
        epoch = next_epoch(self._past)
        data = intents.intent(action, till.service.account, epoch, self._reserve, move)
        held = {"held": self._held} if self._held else {}
        self.task = await till.admit(
            (action.step, action.take, action.key), {**data, **body, **held}
        )

    async def _clear(self, task: Task) -> None:
        """Find out what became of another submit behind our gate."""
        past, action = self._till.shop.ledger.tasks({task.key}), intents.action_of(task)
        walk = Walk(self._till, action, task.estimate, past, fresh=False)
        with suppress(OpError, SpendError, WaitError):  # its own affair, and on record
            await walk.clear(task)

    async def _carried(self, request: Request) -> Reply:
        """One request, tried again only while not a byte of it has left."""
        for number in range(1, _TRIES + 1):
            self._left = self._till.shop.clock.now()
            reply = await self._till.post.send(request)
            if reply.fault != "not-sent":
                return reply
            if number < _TRIES:
                pause = 2.0**number / 2
                said = f"{self._unsent()}, as {reply.said}; tried again"
                self._till.tell(self._action, said, pause)
                if await self._till.halt.nap(pause):
                    break
        await self._withdraw()
        if self._till.halt.stopping:
            raise _Stopped
        said = f"{self._unsent()}: {reply.said}"
        raise EnvError(Problem("network", said, hint=hint("not-sent")))

    def _unsent(self) -> str:
        """What it means that a request did not leave: a question about a purchase is none."""
        if self.task is not None and self.task.state in _ACCEPTED:
            return f"{self.task.provider} has it and was not asked"
        return "not sent"

    async def _withdraw(self) -> None:
        """End an attempt of which nothing can have been accepted."""
        if self.task is not None and self.task.state == "intended" and self._clean:
            await self._record("void", {"why": "it was never sent"})

    # answers

    async def _wait(self, move: Wait) -> None:
        if move.why:
            self._till.throttle.refused(move.seconds)
            self._clean = not self._doubt if self._heard else self._clean
        self._go(move.then)
        said = move.said or (move.why and f"{self._action.op.pool} wants fewer requests")
        if said:
            self._till.tell(self._action, said, move.seconds)
        if await self._till.halt.nap(move.seconds):
            await self._withdraw()
            raise _Stopped
        await self._acknowledged()
        await self._park_if_late()

    async def _park_if_late(self) -> None:
        task, longest = self.task, self._action.timeout or self._till.service.account.longest
        waited = self._till.shop.clock.now() - self._since
        if task is None or task.state not in _ACCEPTED:
            return
        if waited < (longest if task.state != "arrived" else min(longest, _FRESH)):
            return
        await self._record("parked", {"why": f"no result after {waited:.0f} s"})
        said = f"{task.provider} has worked on it for {waited:.0f} s (task {task.task})"
        raise WaitError(Problem("parked", said, hint="kinoform resume goes on waiting"))

    async def _accept(self, move: Accepted) -> None:
        self._go(move.then)
        self._till.throttle.passed()
        told = {"task": move.task, "cursor": intents.written(move.then)}
        assert self.task is not None  # noqa: S101  (only a submit leads here)
        self.task, self._ack = self._till.journal.enter(self.task, "ack", told)
        if self._till.service.provider.gate(self._action):
            await self._acknowledged()
        self._gate.close()
        self._since = self._till.shop.clock.now()

    async def _acknowledged(self) -> None:
        """Until it is on the disk that the provider has it: nothing is recorded of it before."""
        ack, self._ack = self._ack, None
        if ack is None or self.task is None:
            return
        try:
            await ack
        except EnvError as error:
            raise unrecorded(error, self.task.task) from error

    async def _void(self, move: Void) -> None:
        await self._record("void", {"why": move.proof})
        self._again()

    def _again(self) -> None:
        """Another attempt after proof that the last one came to nothing, a few times at most."""
        self._anew += 1
        if self.task is not None:
            self._past = [*(t for t in self._past if t.id != self.task.id), self.task]
        if self._anew >= _ANEW:
            raise EnvError(Problem("network", "the provider does not take it", hint=hint("busy")))
        self._gate.close()
        self._stack.close()
        self._clean, self._doubt = True, False
        self._cursor = self._new(self._cursor.data.get("count"))

    async def _lose_sight(self, move: Unknown) -> None:
        """Nobody can tell: do as the account says, which is to ask unless a person chose more."""
        assert self.task is not None  # noqa: S101  (only a submit leads here)
        account, task = self._till.service.account, self.task
        cursor = intents.written(move.then)
        if task.state not in UNANSWERED:  # it was accepted: what to ask next is what nobody knows
            if task.is_open:
                await self._record("parked", {"why": move.why})
            raise WaitError(
                Problem("parked", move.why, hint="kinoform settle, or a newer kinoform")
            )
        data = {"why": move.why, "candidates": list(move.candidates), "cursor": cursor}
        await self._record("unknown", data)
        age = self._till.shop.clock.now() - task.begun
        if account.on_unknown == "wait" and age < 7 * _DAY and not self._only_clear:
            self._go(move.then)
            self._gate.close()  # its siblings need not wait for days
            if await self._till.halt.nap(min(3600.0, max(60.0, age / 4))):
                raise _Stopped
            return
        again = sum(t.state == "settled" for t in self._past) * task.estimate + task.estimate
        if account.on_unknown == "resubmit" and again <= account.duplicates and self._fresh:
            # It may have been billed: a ceiling counts it.
            worst = dict.fromkeys(("paid", "assumed"), text(task.estimate))
            await self._record("settle", {"how": "resubmit", "by": "on_unknown", **worst})
            self._again()
            return
        raise SpendError(nobody_knows(task, move))

    async def _fail(self, move: Fail) -> None:
        """The end of it, by the table of remedies."""
        remedy = REMEDIES.get(move.kind, REMEDIES["broken"])
        task = self.task
        if task is not None and task.is_open:
            kind = _end(task, remedy.event)
            paid = booked(remedy, kind, task.estimate, move.cost)
            said = {"why": move.message, "code": move.code or move.kind}
            if move.kind == "stale-input":
                self._till.forget(self._cursor.data.get("refs", {}))
            await self._record(kind, {**said, **paid})
            if kind == "rejected" and move.kind in _PASSING:
                self._again()
                return
        raise failed(move, self._action)

    async def _record(self, kind: str, data: Mapping[str, Any]) -> None:
        assert self.task is not None  # noqa: S101  (a record is about a task that was begun)
        await self._acknowledged()
        self.task = await self._till.journal.record(self.task, kind, data)


class _Stopped(Exception):  # noqa: N818  (a wish, not a fault)
    """A person asked to stop."""


def _end(task: Task, event: str) -> str:
    """The record that ends a task: what was accepted can fail, what was not can be rejected."""
    if task.state in UNANSWERED:
        return "refused" if event == "refused" else "rejected"
    if task.state == "arrived":
        return "gone"
    return "refused" if event == "refused" else "broken"
