"""What the rooms promise to each other, and the messages that they pass.

Protocols only: an implementation imports nothing of ours but this file and `core`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from kinoform.core.types import Facts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from kinoform.core.types import Action, Event, Result

T = TypeVar("T")


class Absent(Exception):  # noqa: N818  (a fact about a store, not a fault)
    """The store does not hold these bytes, or held damaged ones that it has set aside."""


class Store(Protocol):
    """Bytes by digest, written once. Every read is verified against the name."""

    def has(self, digests: Collection[str]) -> set[str]:
        """Which of these it holds; looks at names only, reads no bytes."""

    def path(self, digest: str) -> Path:
        """A read-only file whose bytes were just verified. Raises Absent."""

    def add(self, path: Path, *, durable: bool) -> str:
        """Take over a finished file (it is moved) and return its digest.

        `durable` (paid bytes) syncs the file and its folder to disk before the name appears.
        """

    def add_bytes(self, data: bytes, *, durable: bool) -> str:
        """The same for bytes at hand."""

    def scratch(self) -> Path:
        """A new empty folder on the same file system, for one piece of work."""


class Ledger(Protocol):
    """The record of every event, and the results by key. Data, never a cache."""

    def append(self, events: Sequence[Event]) -> None:
        """Write all or nothing. An event of kind `result` also files `data` as a Result record."""

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys, in one query."""

    def heads(self, project: str) -> dict[tuple[str, int], str]:
        """(step id, take) to the key that this project last had there."""

    def events(self, run: str = "") -> Iterable[Event]:
        """All events in order, or those of one run."""


class Index(Protocol):
    """Disposable facts by text key: losing it costs time, never money or truth."""

    def get(self, key: str) -> str | None:
        """The remembered text, or None."""

    def put(self, items: Mapping[str, str]) -> None:
        """Remember these; best effort."""


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> float:
        """Seconds since the epoch."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True)
class Made:
    """One file that a local op wrote, in result order. `tool` names program and build."""

    path: Path
    media: str
    facts: Facts = field(default_factory=Facts)
    tool: str = ""


class LocalOp(Protocol):
    """A local operation: reads `files` (by digest), writes below `out`, raises OpError."""

    def __call__(self, action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
        """Do it. `out` is a new empty folder; the returned paths lie in it."""


class Executor(Protocol):
    """Where local work happens; not when, not what."""

    async def run(self, work: Callable[..., T], /, *args: object, limit: float | None = None) -> T:
        """Run a picklable function with picklable arguments, for `limit` seconds at most."""

    def close(self, *, now: bool = False) -> None:
        """Stop; `now` kills what runs."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where we are with one hosted task; plain data, so that it can be written down."""

    stage: str = "new"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `auth` names a credential and never holds one."""

    method: str
    url: str
    body: bytes = b""
    auth: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Output:
    """One result of a hosted task: bytes at hand."""

    data: bytes
    media: str
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Send:
    """Send this, then call again with the reply and `then`."""

    request: Request
    then: Cursor


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing yet: call again after so many seconds."""

    seconds: float
    then: Cursor


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished."""

    outputs: tuple[Output, ...]
    paid: Decimal = Decimal(0)
    seed: int | None = None
    task: str = ""


@dataclass(frozen=True, slots=True)
class Fail:
    """The task failed; `kind` is one row of the driver's table of remedies."""

    kind: str
    message: str
    paid: Decimal = Decimal(0)


Move: TypeAlias = Send | Wait | Done | Fail


class Provider(Protocol):
    """A hosted service as a pure function; it cannot spend by itself."""

    name: str

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """The next move for one task."""
