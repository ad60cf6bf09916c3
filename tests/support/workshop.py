"""Runs of the real driver over modelled services, on virtual time, in processes that can be killed."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from cloud import PRICE, Cloud, Wire
from mortals import Body, Disk, Locks, MortalCarrier, MortalLedger, MortalStore, Pauses, Places

from kinoform.core.tasks import Cap
from kinoform.core.types import Action, Event, Expect, Op
from kinoform.ports import Account, Service
from kinoform.providers.runware import Runware
from kinoform.providers.wavespeed import WaveSpeed
from kinoform.run.bench import Shop
from kinoform.run.halt import Halt, Stop
from kinoform.run.journal import Journal
from kinoform.run.maker import Maker
from kinoform.run.resume import Rest, Resumed, Resumption
from kinoform.testing.fakes import Here

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from decimal import Decimal

    from virtual_time import VirtualLoop

    from kinoform.core.types import Result
    from kinoform.ports import Carrier, Provider

PROVIDERS: Final[Mapping[str, tuple[type[Provider], str, str]]] = {
    "runware": (Runware, "runware/klingai:kling-image@o3", "positivePrompt"),
    "wavespeed": (WaveSpeed, "wavespeed/kwaivgi/kling-image-o3", "prompt"),
}
PROJECT: Final = "/films/lamp"
_MINE: ContextVar[Body | None] = ContextVar("_MINE", default=None)


def key_of(prompt: str) -> str:
    return sha256(prompt.encode()).hexdigest()


def action(provider: str, prompt: str, count: int = 1, model: str = "") -> Action:
    """One picture, or some, for a prompt that no other action has."""
    _, usual, field_ = PROVIDERS[provider]
    several = {"runware": "numberResults", "wavespeed": "num_images"}[provider]
    params = {field_: prompt, **({several: count} if count > 1 else {})}
    return Action(
        key=key_of(prompt),
        step=prompt,
        take=1,
        op=Op(model or usual, 0, "hosted", provider),
        params=params,
        inputs={},
        expects=(Expect("image/png"),) * count,
        manifest={"params": params},
    )


def task_id(key: str, epoch: int) -> str:
    digest = sha256(f"{key} {epoch}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a user has settled."""

    on_unknown: Any = "ask"
    duplicates: Decimal = PRICE * 0
    at_once: int = 4
    cap: Decimal = PRICE * 1000
    longest: float = 7200.0


class Process:
    """One run of the program: a Maker as a run has it, and resumption as `resume` does it."""

    def __init__(
        self,
        disk: Disk,
        cloud: Cloud,
        terms: Terms,
        name: str = "process 1",
        wrapped: Callable[[MortalCarrier], Carrier] = lambda inner: inner,
    ) -> None:
        self.body, self._wrapped = Body(disk, name), wrapped
        self.ledger = MortalLedger(self.body)
        self._terms, clock = terms, cloud.clock
        services = {provider: self._service(provider, cloud) for provider in PROVIDERS}
        self.shop = Shop(
            store=MortalStore(self.body),
            ledger=self.ledger,
            locks=Locks(self.body),
            executor=Here(),
            clock=clock,
            ops={},
            services=services,
            results=self.ledger.results,
            index=disk.index,
            pauses=Pauses(disk, clock),
            slots=lambda name, most: Places(self.body, name, most),
            verify="kinoform.testing.fakes:believe",
        )
        self.told: list[Event] = []
        self.journal = Journal(self.ledger, clock, name, PROJECT, self.told.append)
        self.journal.caps = (Cap("project", PROJECT, terms.cap, "the budget"),)
        self.halt = Halt(clock)
        self.maker = Maker(self.shop, self.journal, self.halt)

    def _service(self, provider: str, cloud: Cloud) -> Service:
        terms = self._terms
        account = Account(
            provider,
            "0123456789ab",
            task_id,
            terms.at_once,
            terms.at_once,
            terms.on_unknown,
            terms.duplicates,
            terms.longest,
        )
        kind, _, _ = PROVIDERS[provider]
        carrier = self._wrapped(MortalCarrier(self.body, Wire(cloud, provider)))
        return Service(kind(), carrier, account)

    def buy(self, what: Action, *, again: bool = False) -> asyncio.Task[Result | None]:
        """Begin."""
        reserve = PRICE * len(what.expects)
        return self.start(self.maker.make(what, again=again, reserve=reserve))

    def resume(self) -> asyncio.Task[list[Resumed]]:
        """Go on with everything that is open."""
        rest = Rest("resumed", self.ledger.open_tasks(), self.told.append, {})
        return self.start(Resumption(rest, self.shop, Stop()).run())

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something as this process; what it begins dies with it."""
        before = _MINE.set(self.body)
        try:
            return asyncio.get_event_loop().create_task(work)
        finally:
            _MINE.reset(before)


def populate(loop: VirtualLoop) -> None:
    """Let every task of this loop belong to the process that began it."""

    def factory(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **more)
        mine = _MINE.get()
        if mine is not None:
            mine.tasks.add(task)
            task.add_done_callback(mine.tasks.discard)
            if not mine.alive:
                loop.call_soon(task.cancel)
        return task

    loop.set_task_factory(factory)
