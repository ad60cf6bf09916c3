"""One modelled machine and the processes on it, each of which can die at any effect.

Everything that a process does to the world goes through its `Body`; a dead one does nothing more.
What was not synced is gone after a power cut.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.ledger import durable
from kinoform.ports import Absent
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.memory import MemoryIndex, MemoryLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from virtual_time import VirtualClock

    from kinoform.core.errors import EnvError
    from kinoform.core.tasks import Cap, Task
    from kinoform.core.types import Event, Result
    from kinoform.ports import Carrier, Fetched, Insert, Ledger, Reply, Request

_LONGEST_PAUSE: Final = 120.0


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

    def read(self, digest: str) -> bytes:
        raise Absent(digest)

    def add(self, path: Path, *, durable: bool) -> str:
        if self.body.act():
            return self.body.disk.add(path, durable=durable)
        return f"sha256:{'0' * 64}"

    def add_all(self, sources: Sequence[Path | bytes], *, durable: bool) -> list[str | EnvError]:
        return [
            self._add_bytes(each) if isinstance(each, bytes) else self.add(each, durable=durable)
            for each in sources
        ]

    def _add_bytes(self, data: bytes) -> str:
        path = self.scratch() / "bytes"
        path.write_bytes(data)
        return self.add(path, durable=True)

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

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        if not self.body.act():
            await asyncio.get_running_loop().create_future()
        return await self.wire.fetch(url, path, most, held)

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
