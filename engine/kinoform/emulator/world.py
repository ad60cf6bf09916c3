"""The one mutable state of the emulated services: tasks, bills, media, clock, faults."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinoform.core.canon import hexdigest
from kinoform.core.types import Facts
from kinoform.emulator.clock import Time
from kinoform.emulator.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from kinoform.spec.catalog import Catalog, Model

# Questions that only the vendors can answer: (the answer assumed, all answers, the question).
MODES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "mixed_status": ("400", ("200", "400"), "HTTP status of an answer with data and errors"),
    "uuid_after_rejection": ("taken", ("reusable", "taken"), "a taskUUID whose task was refused"),
    "conflict_window": ("3600", (), "seconds for which a taskUUID stays taken"),
    "refused_billed": ("yes", ("yes", "no"), "whether a task refused by moderation is billed"),
    "details_known": ("no", ("yes", "no"), "whether getTaskDetails knows every task"),
    "balance_shape": ("object", ("object", "number"), "how getDetails says the balance"),
}


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
    """A hosted file. `data` is None until `make` has made it; `owner` is the key it belongs to."""

    id: str
    media: str
    owner: str
    expires: float
    facts: Facts = field(default_factory=Facts)
    data: bytes | None = None
    make: Callable[[], Awaitable[bytes]] | None = None


@dataclass(slots=True)
class Result:
    """One result of a job; `ready` is when it is there, `error` what came instead of it."""

    id: str
    seed: int
    media: Media
    ready: float
    error: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Job:
    """One task. `request` is as it was sent; `cost` is USD for each result.

    `state` is empty while the clock decides, else the last word (`failed`, `moderated`, `never`).
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


class World:
    """Everything the server knows. Touched on the event loop only."""

    def __init__(self, catalog: Catalog, *, time: Time | None = None, seed: int = 0) -> None:
        self.catalog = catalog
        self.time = time or Time()
        self.random = random.Random(seed)  # noqa: S311  (ids that can be repeated, no secrets)
        self.seed = seed
        self.latency = Latency()
        self.render = True
        self.base = "http://127.0.0.1"
        self.keys: frozenset[str] = frozenset()
        self.balance = Decimal(1000)
        self.modes = {name: row[0] for name, row in MODES.items()}
        self.faults = Faults()
        self.bills: dict[tuple[str, str], Bill] = {}
        self.tasks: dict[tuple[str, str], Job] = {}
        self.media: dict[str, Media] = {}

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
            self.media[result.id] = result.media

    def bill(self, job: Job) -> None:
        """Charge a task for all its results."""
        known = self.bills.get((job.provider, job.id))
        if known:
            known.times += 1
            return
        cost, digest = job.cost * len(job.results), hexdigest(job.request)
        row = Bill(job.id, job.provider, job.model, job.key, cost, digest, self.time.now())
        self.bills[job.provider, job.id] = row

    def spent(self, key: str) -> Decimal:
        """USD charged to a key."""
        return sum((b.cost * b.times for b in self.bills.values() if b.key == key), Decimal(0))

    def url(self, media: Media) -> str:
        """Where a hosted file is to be had."""
        return f"{self.base}/media/{media.id}{SUFFIX.get(media.media, '')}"

    def uuid(self) -> str:
        """A new UUID v4 that follows from the seed."""
        bits = self.random.getrandbits(128)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


SUFFIX = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
}
