"""The one mutable state of the emulated services: tasks, bills, media, clock, faults."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.types import Facts
from kinoform.emulator.clock import Time
from kinoform.emulator.faults import Faults
from kinoform.emulator.modes import MODES
from kinoform.emulator.render import SUFFIX, Painter

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping

    from kinoform.spec.catalog import Catalog, Model


@dataclass(frozen=True, slots=True)
class Latency:
    """Virtual seconds that a task takes."""

    image: float = 2.0
    video: float = 6.0

    def of(self, media: str) -> float:
        """For a result of this media type."""
        return self.video if media.startswith("video/") else self.image


@dataclass(slots=True)
class Bill:
    """What one task was charged, and how often: more than once is what nobody wants to see."""

    task: str
    provider: str
    model: str
    key: str
    cost: Decimal
    request: str
    at: float
    times: int = 1


@dataclass(slots=True)
class Media:
    """A hosted file. `data` is None until `make` has made it; `owner` is the key it belongs to.

    `kept` says that what `make` gave is remembered; what is cheap to make is made again. `gone` is
    the HTTP status once it has expired.
    """

    id: str
    media: str
    owner: str
    expires: float
    facts: Facts = field(default_factory=Facts)
    data: bytes | None = None
    make: Callable[[], Awaitable[bytes]] | None = None
    kept: bool = True
    provider: str = ""
    task: str = ""
    gone: int = 404
    making: asyncio.Future[bytes] | None = None


@dataclass(slots=True)
class Result:
    """One result of a job; `ready` is when it is there.

    `error` is what came instead of it (a provider's own error object); `hollow` ones say that they
    are there and give no address; what is not `charged` costs nothing.
    """

    id: str
    seed: int
    media: Media
    ready: float
    error: Mapping[str, Any] | None = None
    hollow: bool = False
    charged: bool = True


@dataclass(slots=True)
class Job:
    """One task. `request` is as it was sent; `cost` is USD for each result.

    `state` is empty while the clock decides, else `failed` (as `error` says). `told` is how often
    each result is told; a `forgotten` task is in no list.
    """

    id: str
    provider: str
    model: str
    request: Mapping[str, Any]
    key: str
    cost: Decimal
    created: float
    ready: float
    results: list[Result] = field(default_factory=list)
    state: str = ""
    error: Mapping[str, Any] | None = None
    told: int = 1
    forgotten: bool = False


class World:
    """Everything the server knows. Touched on the event loop only."""

    def __init__(self, catalog: Catalog, *, time: Time | None = None, seed: int = 0) -> None:
        self.catalog = catalog
        self.time = time or Time()
        self.random = random.Random(seed)  # noqa: S311  (ids that can be repeated, no secrets)
        self.seed = seed
        self.latency = Latency()
        self.painter = Painter()
        self.base = "http://127.0.0.1"
        self.keys: frozenset[str] = frozenset()
        self.balance = Decimal(1000)
        self.modes = {name: row[0] for name, row in MODES.items()}
        born = self.time.now()
        self.faults = Faults(seed, lambda: self.time.now() - born)
        self.bills: dict[tuple[str, str], Bill] = {}
        self.tasks: dict[tuple[str, str], Job] = {}
        self.media: dict[str, Media] = {}
        self.gate: Callable[[float], Awaitable[None]] | None = None
        self._spent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def mode(self, name: str) -> str:
        """Which answer to an open question is in force."""
        return self.modes[name]

    def admits(self, key: str) -> bool:
        """Whether a key is one of ours: any at all, unless some were named."""
        return bool(key) and (not self.keys or key in self.keys)

    def model(self, provider: str, name: str) -> Model | None:
        """The model of a provider by the provider's own name for it."""
        return self.catalog.get(f"{provider}/{name}")

    def add(self, job: Job) -> None:
        """A task exists from now on, and so do its results."""
        self.tasks[job.provider, job.id] = job
        for result in job.results:
            self.media[result.media.id] = result.media

    def bill(self, job: Job) -> None:
        """Charge a task for its results, once more if it was charged before."""
        cost = job.cost * sum(result.charged for result in job.results)
        row = self.bills.get((job.provider, job.id))
        if row is None:
            text = json.dumps(job.request, sort_keys=True)  # as sent: text may hold anything
            digest, now = sha256(text.encode()).hexdigest(), self.time.now()
            row = Bill(job.id, job.provider, job.model, job.key, cost, digest, now, times=0)
            self.bills[job.provider, job.id] = row
        row.times += 1
        self._spent[job.provider, job.key] += cost

    def left(self, provider: str, key: str) -> Decimal:
        """USD that an account still has."""
        return self.balance - self._spent[provider, key]

    def url(self, media: Media) -> str:
        """Where a hosted file is to be had."""
        return f"{self.base}/media/{media.id}{SUFFIX.get(media.media, '')}"

    def uuid(self) -> str:
        """A new UUID v4 that follows from the seed."""
        text = f"{self.random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
