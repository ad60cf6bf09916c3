"""What the rooms promise to each other, and the messages that they pass.

Protocols only: an implementation imports nothing of ours but this file and `core`.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from kinoform.core.classes import dataclass
from kinoform.core.types import Facts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from kinoform.core.errors import EnvError
    from kinoform.core.tasks import Cap, Task
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

    def read(self, digest: str) -> bytes:
        """The bytes themselves, verified. Raises Absent. For those that memory may hold."""

    def add(self, path: Path, *, durable: bool) -> str:
        """Take over a finished file (it is moved) and return its digest.

        `durable` (paid bytes) syncs the file and its folder to disk before the name appears.
        """

    def add_all(self, sources: Sequence[Path | bytes], *, durable: bool) -> list[str | EnvError]:
        """The same for many: the digest of each, or the fault that it alone met."""

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

    def admit(self, intents: Sequence[Event], caps: Sequence[Cap]) -> Mapping[str, Cap]:
        """Write those events of kind `intent` whose reserves fit under every cap, in one transaction.

        They are looked at one after another, each against what is paid and reserved by then, so
        that no number of processes oversteps a cap. On the disk itself when this returns. Answers
        intent id -> the cap that it would overstep, for those that were not written.
        """

    def tasks(self, keys: Collection[str] | None = None) -> tuple[Task, ...]:
        """The tasks of these keys, or all there ever were, in the order of their intents."""

    def open_tasks(self) -> tuple[Task, ...]:
        """The tasks that the provider may still have or get, in the order of their intents."""


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


@dataclass(frozen=True, slots=True)
class Small:
    """One result of an op that is too small for a file of its own: the bytes themselves."""

    data: bytes
    media: str
    facts: Facts = field(default_factory=Facts)


class SmallOp(Protocol):
    """A local operation that reads no bytes and takes no time; a pure function. Raises OpError."""

    def __call__(self, action: Action) -> tuple[Small, ...]:
        """Its results, in order."""


class Executor(Protocol):
    """Where local work happens; not when, not what."""

    async def run(
        self, work: Callable[..., T], /, *args: Any, limit: float | None = None, kept: bool = False
    ) -> T:
        """Do picklable work in `limit` seconds; `kept`: maybe where such work was done before."""

    def close(self, *, now: bool = False) -> None:
        """Stop; `now` kills what runs."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where we are with one hosted task; plain JSON data, so that it can be written down."""

    stage: str = "new"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Insert:
    """Bytes of an artifact that go into a request when it is sent: as they are, or as text."""

    digest: str
    media: str
    form: Literal["raw", "base64", "data-uri"]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `url` is a path below the provider's base URL, which gets the key.

    An absolute `url` (a place to upload to) gets no key, and only a public host is asked. `fold`
    names requests that may travel as one: the provider's `fold` joins and `split` parts them.
    `body` is sent one part after another; `media` is its content type.
    """

    method: str
    url: str
    body: tuple[bytes | Insert, ...] = ()
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    fold: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request.

    `fault` is empty for a whole HTTP answer; `not-sent` when not one byte had been written (refused,
    unresolved, no TLS); `lost` when the other side may have acted and no whole answer came. `said`
    tells of the fault. Header names are in lower case. `at` is our clock (seconds since the epoch)
    when the request had left or failed, `took` the seconds from then until all was here: what the
    other side's clock showed meanwhile is known no better than that. `value` is what the body says,
    where it has been read: a provider's share of an answer for many.
    """

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Literal["", "not-sent", "lost"] = ""
    said: str = ""
    at: float = 0.0
    took: float = 0.0
    value: Any = None


@dataclass(frozen=True, slots=True)
class Output:
    """One result of a hosted task: an address to fetch it from, or the bytes themselves.

    `id` is the provider's own; for `fresh` seconds a request may say `ref` instead of the bytes.
    """

    url: str = ""
    data: bytes = b""
    media: str = ""
    id: str = ""
    seed: int | None = None
    cost: Decimal | None = None
    ref: str = ""
    fresh: float = 0.0


@dataclass(frozen=True, slots=True)
class Send:
    """Send this, then call again with the reply and `then`.

    `spends` marks a submit: the one kind of request that can cost money. It is sent after its intent
    is on the disk, and never again unless the last answer proved that nothing was accepted or
    `repeatable` says that the provider refuses a second task of the same id. An empty body means the
    recorded one. `gate` names submits of which only one may be unanswered at a time.
    """

    request: Request
    then: Cursor
    spends: bool = False
    repeatable: bool = False
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Call again after so many seconds. `why` names a remedy (`rate`, `busy`) if the provider asked.

    After a submit it also says that nothing was accepted. `said` tells of more than work under way.
    """

    seconds: float
    then: Cursor
    why: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has the task, under this id: call again at once with `then`."""

    task: str
    then: Cursor


@dataclass(frozen=True, slots=True)
class Void:
    """Proof that nothing was accepted: the attempt is over and cost nothing. `then` begins anew."""

    proof: str
    then: Cursor


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the task exists cannot be told. `candidates` are ids that it may have."""

    why: str
    then: Cursor
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished: its results in order. `missing` of those that were asked for failed."""

    outputs: tuple[Output, ...]
    missing: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Fail:
    """The task failed for good; `kind` is a row of `core.remedies`, `field` what was at fault.

    `cost` is what it took all the same, in USD, where the provider says so.
    """

    kind: str
    message: str
    field: str = ""
    code: str = ""
    cost: Decimal | None = None


Move: TypeAlias = Send | Wait | Accepted | Void | Unknown | Done | Fail


class Provider(Protocol):
    """A hosted service as pure functions; it cannot spend by itself.

    The driver gives `cursor.data` these entries, and takes none of them away: `task` (the id to use,
    where the provider lets us choose), `refs` (digest -> what stands for those bytes), `count`
    (results to ask for, where some are held already), `sent` (when the submit left, seconds since
    the epoch), `lost` (when its answer had come or failed to come), `offset` (the provider's clock
    minus ours), `age` (seconds since the intent, on re-entry after a crash, and before a repeat of
    what may have been accepted), `known` (ids of tasks that are accounted for), `pending` (model and
    begin of each other submit of ours that nobody has answered yet), `resent` (whether this very
    intent was sent before). `fold_most` is how many requests may be folded into one.
    """

    name: str
    fold_most: int

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """The next move for one task. Without a reply: begin, or go on from this cursor."""

    def gate(self, action: Action) -> str:
        """The gate of this action's submit, as in `Send.gate`."""

    def fold(self, requests: Sequence[Request]) -> Request:
        """Several requests of one `fold` as one."""

    def split(self, requests: Sequence[Request], reply: Reply) -> Sequence[Reply]:
        """The answer to a folded request, parted again: one for each, in order."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A download, hashed on the way: its bytes lie in `path`, or are in `data` where there are any."""

    path: Path
    digest: str
    size: int
    data: bytes = b""


class Fetcher(Protocol):
    """Plain downloads, without a key."""

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """Stream what an address gives to `path`, `most` bytes at most. Raises FetchError.

        What has no more than `held` bytes may be given as `data`; then there is no file.
        """

    async def close(self) -> None:
        """Let go of every connection."""


class Carrier(Fetcher, Protocol):
    """The network, as far as one provider needs it: `fetch` is for its results, without the key."""

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        """Carry one request; every fault of the network is in the reply. Secrets are masked."""


class FetchError(Exception):
    """A download that failed. `kind`: gone (403, 404, 410), refused (address, size, type), broken."""

    def __init__(self, kind: Literal["gone", "refused", "broken"], said: str) -> None:
        self.kind = kind
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Account:
    """One user at one provider; holds no key.

    `fingerprint` tells accounts apart in records. `task_id(key, epoch)` is a UUID that follows from
    the account's key, so that a second machine meets its own purchase. `at_once` and `per_model` are
    tasks under way; `on_unknown` and `duplicates` (USD) say what may be done about a submit whose
    outcome is unknown; `longest` is how many seconds a task is waited for.
    """

    provider: str
    fingerprint: str
    task_id: Callable[[str, int], str]
    at_once: int = 4
    per_model: int = 4
    on_unknown: Literal["ask", "wait", "resubmit"] = "ask"
    duplicates: Decimal = Decimal(0)
    longest: float = 7200.0


@dataclass(frozen=True, slots=True)
class Service:
    """A provider with what it takes to reach it for one user."""

    provider: Provider
    carrier: Carrier
    account: Account
