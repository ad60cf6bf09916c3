"""Everything that buying from one provider takes, for one run: the wires, the turns, the records.

Knows no step and no order of work.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import contextmanager
from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpendError
from kinoform.core.money import dollars, factor, price_factor
from kinoform.core.tasks import Cap
from kinoform.run.post import Post
from kinoform.run.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kinoform.core.tasks import Task
    from kinoform.core.types import Action
    from kinoform.ports import Service
    from kinoform.run.bench import Shop, Slots
    from kinoform.run.halt import Halt
    from kinoform.run.holds import Holds
    from kinoform.run.journal import Journal

_POLL = 0.05  # seconds between two looks at what another process holds
_WONDER = 3.0  # seconds after which a person wonders why nothing happens
_MANY = 256  # notes that are written at once: a transaction for each costs more than its download
_SOON = 60.0  # seconds: what stands for bytes no longer than this is not relied upon
_DEARER = Decimal("1.1")


@dataclass(slots=True)
class Till:
    """One provider, one account, one run.

    `first` says, by gate, whose submit goes first; `dear` names models whose price was not what was
    said; `notes` is what the index lacks so far, `factors` what it said of prices at first.
    """

    service: Service
    shop: Shop
    journal: Journal
    halt: Halt
    slots: Slots
    post: Post
    throttle: Throttle
    gates: dict[str, asyncio.Lock] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    dear: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    factors: dict[str, Decimal] = field(default_factory=dict)

    # one submit at a time

    def tell(self, action: Action, why: str, seconds: float = _WONDER) -> None:
        """Say what an action waits for, where it takes long enough to wonder."""
        if seconds >= _WONDER:
            until = {"until": self.shop.clock.now() + seconds} if seconds > _WONDER else {}
            said = {"why": [why], **until}
            self.journal.tell("awaits", said, action.step, action.take, action.key)

    @contextmanager
    def _patient(self, action: Action, gate: str) -> Iterator[None]:
        """Say who goes first, once a person would wonder why nothing happens."""
        wonder = asyncio.create_task(self._wonder(action, gate))
        try:
            yield
        finally:
            wonder.cancel()

    async def _wonder(self, action: Action, gate: str) -> None:
        await self.shop.clock.sleep(_WONDER)
        self.tell(action, f"{self.first.get(gate, 'another submit')} goes first")

    async def gate(self, name: str, stack: Holds, action: Action) -> bool:
        """Wait until no submit of this gate is unanswered, here or anywhere; False when stopped.

        The gate is open again when `stack` is closed; meanwhile `first` names who goes first.
        """
        key = f"gate:{self.service.account.provider}:{self.service.account.fingerprint}:{name}"
        lock = self.gates.setdefault(name, asyncio.Lock())
        with self._patient(action, name):
            await lock.acquire()
            stack.callback(lock.release)
            while not self.halt.stopping:
                holder = self._holder(key, stack)
                self.first[name] = holder or f"the submit of {action.step}"
                if not holder:
                    return True
                await self.halt.nap(_POLL)
        return False

    def try_hold(self, key: str, stack: Holds) -> bool:
        """Hold a key of this machine until `stack` is closed; False when somebody has it."""
        return not self._holder(key, stack)

    def _holder(self, key: str, stack: Holds) -> str:
        """Hold a key until `stack` is closed, if it is free; who has it if not."""
        try:
            stack.enter_context(self.shop.locks.hold(key, _refuse))
        except _HeldError as held:
            return str(held) or "another process"
        return ""

    async def place(self, stack: Holds) -> bool:
        """Wait for a place among the account's tasks; False when stopped."""
        while not self.halt.stopping:
            slot = self.slots.try_take()
            if slot is not None:
                stack.callback(self.slots.give, slot)
                return True
            if await self.halt.nap(_POLL):
                return False
        return False

    # what stands for bytes at the provider

    def refs(self, digests: Collection[str]) -> dict[str, Any]:
        """What is known to stand for these bytes, and for a while yet."""
        now, found = self.shop.clock.now(), {}
        for digest in digests:
            known = _record(self._noted(self._ref(digest)))
            if known.get("until", 0.0) > now + _SOON:
                found[digest] = known
        return found

    def remember(self, digest: str, ref: str, fresh: float) -> None:
        """This stands for those bytes, for `fresh` seconds."""
        if ref and fresh > 0:
            known = {"ref": ref, "until": self.shop.clock.now() + fresh}
            self.notes[self._ref(digest)] = json.dumps(known)
            if len(self.notes) >= _MANY:
                self.write_down()

    def write_down(self) -> None:
        """Let other runs know what was remembered."""
        notes, self.notes = self.notes, {}
        if notes:
            self.shop.index.put(notes)

    def forget(self, digests: Collection[str]) -> None:
        """Nothing stands for these any more."""
        self.notes |= {self._ref(digest): "{}" for digest in digests}
        self.write_down()

    def _noted(self, name: str) -> str:
        return self.notes.get(name) or self.shop.index.get(name) or "{}"

    def _ref(self, digest: str) -> str:
        account = self.service.account
        return f"ref:{account.provider}:{account.fingerprint}:{digest}"

    # money

    async def admit(self, event: tuple[str, int, str], data: Mapping[str, Any]) -> Task:
        """Write an intent and hold its price, on the disk. Raises SpendError above a ceiling."""
        step, take, key = event
        model = str(data["model"])
        if model in self.dear:
            raise SpendError(Problem("price-deviates", self.dear[model], hint=_LOOK_AT_PRICE))
        share = {"share": True} if Decimal(data["reserve"]) == self.journal.share else {}
        full = {**data, **share, "intent": os.urandom(8).hex()}
        begun = await self.journal.admit(full, step, take, key)
        if isinstance(begun, Cap):
            more = dollars(Decimal(data["reserve"]))
            said = f"{more} more would overstep {begun.said} ({dollars(begun.most)})"
            hint = "what was begun goes on; kinoform cost says what was spent"
            raise SpendError(Problem("above-budget", said, hint=hint))
        return begun

    def compare(self, action: Action, task: Task, paid: Decimal) -> None:
        """Stop buying a model whose price turns out more than a tenth above what was said.

        What it really takes, as a factor on its file's price, is what later plans reckon with; a
        share of a ceiling is no price.
        """
        if not task.estimate:
            return
        index, name = self.shop.index, price_factor(action.op)
        if name not in self.factors:
            self.factors[name] = factor(index.get(name))
        known = self.factors[name]  # what the estimates of this run reckon with
        found = max(Decimal(1), known * paid / task.estimate)
        if found != known and not task.data.get("share"):
            index.put({name: str(found)})
        if paid > task.estimate * _DEARER:
            self.dear[task.model] = (
                f"{task.model} took {dollars(paid)} where {dollars(task.estimate)} was held for it:"
                " no more of it is bought in this run"
            )


_LOOK_AT_PRICE = "look at the provider's price, then run again"


class _HeldError(Exception):
    """Another process holds it."""


def _refuse(holder: str) -> None:
    raise _HeldError(holder)


def _record(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        return {"ref": str(found["ref"]), "until": float(found["until"])}
    except (ValueError, TypeError, KeyError):
        return {}


def open_till(service: Service, shop: Shop, journal: Journal, halt: Halt) -> Till:
    """The till of one provider, for one run."""
    account = service.account
    name = f"{account.provider}-{account.fingerprint}"
    return Till(
        service=service,
        shop=shop,
        journal=journal,
        halt=halt,
        slots=shop.slots(name, account.at_once),
        post=Post(service, shop.store, shop.clock),
        throttle=Throttle(name, shop.pauses, shop.clock, halt),
    )
