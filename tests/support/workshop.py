"""Runs of the real driver over modelled services, on virtual time: processes that can be killed.

Everything that a process does to the world goes through its `Body`; a dead one does nothing more.
What was not synced is gone after a power cut.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from cloud import PRICE, Cloud, Wire

from kinoform.core.ledger import durable
from kinoform.core.tasks import Cap
from kinoform.core.types import Action, Event, Expect, Op
from kinoform.ports import Absent, Account, Service
from kinoform.providers.runware import Runware
from kinoform.providers.wavespeed import WaveSpeed
from kinoform.run.bench import Shop
from kinoform.run.buy import Buyer
from kinoform.run.halt import Halt
from kinoform.run.journal import Journal
from kinoform.run.loop import Stop
from kinoform.run.maker import Maker
from kinoform.run.resume import Rest, Resumed, Resumption
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.memory import MemoryIndex, MemoryLedger
from kinoform.testing.fakes import Here

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
    from decimal import Decimal

    from virtual_time import VirtualClock, VirtualLoop

    from kinoform.core.tasks import Task
    from kinoform.core.types import Result
    from kinoform.ports import Carrier, Fetched, Insert, Ledger, Provider, Reply, Request

PROVIDERS: Final[Mapping[str, tuple[type[Provider], str, str]]] = {
    "runware": (Runware, "runware/klingai:kling-image@o3", "positivePrompt"),
    "wavespeed": (WaveSpeed, "wavespeed/kwaivgi/kling-image-o3", "prompt"),
}
PROJECT: Final = "/films/lamp"
_MINE: ContextVar[Body | None] = ContextVar("_MINE", default=None)
_LONGEST_PAUSE: Final = 120.0


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


class Disk:
    """One machine: ledger, store, locks, places, pauses. `folder` is for files of the moment."""

    def __init__(self, folder: Path, *, sqlite: bool = False) -> None:
        self.folder, self._sqlite, self._boots = folder, sqlite, 0
        self.index = MemoryIndex()
        self.files: dict[str, bytes] = {}
        self.held: dict[str, object] = {}
        self.places: set[tuple[str, int, object]] = set()
        self.pauses: dict[str, float] = {}
        self.written: list[Event] = []
        self.synced = 0
        self.ledger = self.open()

    def open(self) -> Ledger:
        """The ledger as a process opens it."""
        if self._sqlite:
            return SqliteLedger(self.folder / f"ledger-{self._boots}.sqlite")
        return self.ledger if self._boots or hasattr(self, "ledger") else MemoryLedger()

    def note(self, events: Sequence[Event], *, synced: bool) -> None:
        """These were written just now."""
        self.written += events
        if synced or any(map(durable, events)):
            self.synced = len(self.written)

    def power_cut(self) -> None:
        """Only what was synced is there when the machine is up again."""
        self._boots += 1
        self.written = self.written[: self.synced]
        self.held.clear()
        self.places.clear()
        with suppress(AttributeError):
            self.ledger.close()  # type: ignore[attr-defined]  # that of SQLite can
        if self._sqlite:
            self.ledger = self.open()
        else:
            self.ledger = MemoryLedger()
        if self.written:
            self.ledger.append(self.written)

    def release(self, owner: object) -> None:
        """What the system takes back from a dead process."""
        self.held = {key: who for key, who in self.held.items() if who is not owner}
        self.places = {place for place in self.places if place[2] is not owner}

    # a store

    def scratch(self) -> Path:
        return Path(mkdtemp(dir=self.folder))

    def add(self, path: Path, *, durable: bool) -> str:
        assert durable, "paid bytes are synced"
        data = path.read_bytes()
        digest = f"sha256:{sha256(data).hexdigest()}"
        self.files[digest] = data
        return digest


@dataclass(eq=False)
class Body:
    """A process. `fuse` counts its effects down to the one that it dies at, before it or after."""

    disk: Disk
    name: str
    alive: bool = True
    fuse: int | None = None
    after: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def act(self) -> bool:
        """Whether an effect takes place."""
        if not self.alive:
            return False
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.die()
                return self.after
        return True

    def die(self) -> None:
        """SIGKILL."""
        self.alive = False
        self.disk.release(self)
        for task in self.tasks:
            task.get_loop().call_soon(task.cancel)


class MortalLedger:
    """A ledger that a dead process writes nothing to any more."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._ledger = body.disk.open()

    def append(self, events: Sequence[Event]) -> None:
        if self._body.act():
            self._ledger.append(events)
            self._body.disk.note(events, synced=False)

    def admit(self, intents: Sequence[Event], caps: Sequence[Cap]) -> Mapping[str, Cap]:
        if not self._body.act():
            return {}
        refused = self._ledger.admit(intents, caps)
        fit = [event for event in intents if event.data["intent"] not in refused]
        self._body.disk.note(fit, synced=True)
        return refused

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        return self._ledger.results(keys)

    def heads(self, project: str) -> dict[tuple[str, int], str]:
        return self._ledger.heads(project)

    def events(self, run: str = "") -> Iterator[Event]:
        return iter(self._ledger.events(run))

    def tasks(self, keys: Collection[str] | None = None) -> tuple[Task, ...]:
        return self._ledger.tasks(keys)

    def open_tasks(self) -> tuple[Task, ...]:
        return self._ledger.open_tasks()


@dataclass(frozen=True, slots=True)
class MortalStore:
    """The machine's store, as a process has it."""

    body: Body

    def has(self, digests: Collection[str]) -> set[str]:
        return set(digests) & self.body.disk.files.keys()

    def path(self, digest: str) -> Path:
        raise Absent(digest)

    def add(self, path: Path, *, durable: bool) -> str:
        if self.body.act():
            return self.body.disk.add(path, durable=durable)
        return f"sha256:{'0' * 64}"

    def add_bytes(self, data: bytes, *, durable: bool) -> str:
        raise NotImplementedError

    def scratch(self) -> Path:
        return self.body.disk.scratch()


@dataclass(frozen=True, slots=True)
class MortalCarrier:
    """The network, as a process has it."""

    body: Body
    wire: Carrier

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        if not self.body.act():
            await asyncio.get_running_loop().create_future()
        return await self.wire.send(request, insert)

    async def fetch(self, url: str, path: Path, most: int) -> Fetched:
        if not self.body.act():
            await asyncio.get_running_loop().create_future()
        return await self.wire.fetch(url, path, most)

    async def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Locks:
    """Keys of the machine, held by processes."""

    body: Body

    @contextmanager
    def hold(self, key: str, on_wait: Callable[[str], None]) -> Iterator[None]:
        held = self.body.disk.held
        while key in held:
            on_wait(getattr(held[key], "name", "somebody"))
        held[key] = self.body
        try:
            yield
        finally:
            if self.body.disk.held.get(key) is self.body:  # the system may have been faster
                del self.body.disk.held[key]


@dataclass(frozen=True, slots=True)
class Places:
    """So many places of one name on the machine."""

    body: Body
    name: str
    most: int

    def try_take(self) -> int | None:
        taken = {number for name, number, _ in self.body.disk.places if name == self.name}
        free = next((number for number in range(self.most) if number not in taken), None)
        if free is not None:
            self.body.disk.places.add((self.name, free, self.body))
        return free

    def give(self, slot: int) -> None:
        self.body.disk.places.discard((self.name, slot, self.body))


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses of the machine, cut to two minutes as those on disk are."""

    disk: Disk
    clock: VirtualClock

    def until(self, name: str) -> float:
        return self.disk.pauses.get(name, 0.0)

    def pause(self, name: str, until: float) -> None:
        limit = self.clock.now() + _LONGEST_PAUSE
        self.disk.pauses[name] = max(self.until(name), min(until, limit))


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
        self.maker = Maker(
            self.shop, self.journal, Buyer(self.shop, self.journal, self.halt), self.halt
        )

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
