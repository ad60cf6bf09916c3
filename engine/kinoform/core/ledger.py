"""What the ledger's events mean: records of results, which events are money, the state of a run.

Pure: knows no file, no clock and no SQL.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal, InvalidOperation
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from kinoform.core import tasks
from kinoform.core.canon import Written, plain
from kinoform.core.classes import dataclass
from kinoform.core.spelling import spelled
from kinoform.core.states import FIRST, MOVES, STEP_KINDS, State
from kinoform.core.types import Blob, Event, Facts, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The ledger's format. 2: tasks are recorded. A version that does not know of them must not write
# where they are: it would buy again what is under way.
SCHEMA: Final = 2
# A record's format; raised when a reader of today would misread it, which more keys do not do.
RECORD: Final = 1

# Kinds that move a task and no step. They must be on the disk before the next thing is done,
# whatever they say of money; a `result` must be if it was bought.
MONEY_KINDS: Final = tasks.KINDS - STEP_KINDS

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_KINDS: Final = frozenset({"hosted", "local", "draft"})
_ZERO: Final = Decimal(0)
_UNKNOWN: Final = Facts()
_NONE: Final[Mapping[str, Any]] = {}

# How each optional field of a record is read; a field that is absent keeps the default of `Result`.
_READ: Final[Mapping[str, Any]] = {
    "seconds": float,
    "seed": lambda seed: None if seed is None else int(seed),
    "origin": str,
    "grade": str,
    "model_digest": str,
    "task": str,
    "tool": str,
}


_AS_THEY_ARE: Final = tuple(name for name in _READ if name != "seconds")
_AS_SAID: Final = attrgetter(*_AS_THEY_ARE)
# The fields of a record in the order of `Result`, and of which types they are where all is given.
_FIELDS: Final = itemgetter(
    *("key", "step", "take", "op", "kind", "outputs", "manifest", "paid"),
    *_READ,
)
_TYPES: Final = frozenset(
    (str, str, int, str, str, list, dict, str, seconds, seed, str, str, str, str, str)
    for seconds in (int, float)
    for seed in (int, type(None))
)


_ALL_FACTS: Final = attrgetter(*Facts.__slots__)
_BLOB: Final = ("digest", "size", "media", "facts")


class RecordError(ValueError):
    """A record that cannot be read; the text names the field at fault."""


def to_record(result: Result) -> dict[str, Any]:
    """The result as plain JSON data; money as decimal text, unknown facts left out.

    With its canonical text, where its manifest has one.
    """
    record, manifest = _record(result), result.manifest
    return spelled(record, manifest.text) if isinstance(manifest, Written) else record


def _record(result: Result) -> dict[str, Any]:
    return {
        "schema": RECORD,
        "key": result.key,
        "step": result.step,
        "take": result.take,
        "op": result.op,
        "kind": result.kind,
        "outputs": [blob_record(blob) for blob in result.outputs],
        "manifest": dict(result.manifest),
        "paid": str(result.paid),
        # Plain at once: a 0.0 seconds would have the whole record written twice.
        "seconds": plain(result.seconds),
        **dict(zip(_AS_THEY_ARE, _AS_SAID(result), strict=True)),
    }


def from_record(record: Mapping[str, Any]) -> Result:
    """The result that a record tells; keys that this version does not know are passed over.

    Raises RecordError.
    """
    if not isinstance(record, Mapping):
        raise RecordError("a record must be an object")
    try:
        values: tuple[Any, ...] = _FIELDS(record)
    except KeyError:
        return _read_slowly(record)
    if tuple(map(type, values)) in _TYPES:  # as nearly every one is
        key, step, take, op, kind, outputs, manifest, said, seconds, *rest = values
        paid = money(said)
        if kind in _KINDS and paid is not None:
            blobs = tuple(map(blob_of, outputs))
            return Result(key, step, take, op, kind, blobs, manifest, paid, float(seconds), *rest)
    return _read_slowly(record)


def key_of(record: Mapping[str, Any]) -> str:
    """The key of a record that can be read, without the result itself. Raises RecordError."""
    try:
        values: tuple[Any, ...] = _FIELDS(record)
    except (KeyError, TypeError):
        return from_record(record).key
    key, *_, outputs, _manifest, said = values[:8]
    known = tuple(map(type, values)) in _TYPES and values[4] in _KINDS and money(said) is not None
    return str(key) if known and all(map(_is_blob, outputs)) else from_record(record).key


def _is_blob(data: Any) -> bool:
    """Whether it is what `blob_record` writes."""
    return (
        type(data) is dict
        and tuple(map(type, data.values())) == (str, int, str, dict)
        and tuple(data) == _BLOB
        and _DIGEST.fullmatch(data["digest"]) is not None
    )


def _read_slowly(record: Mapping[str, Any]) -> Result:
    """The same, field by field: has the words for what is wrong."""
    return Result(
        key=_text(record, "key"),
        step=_text(record, "step"),
        take=_whole(record, "take"),
        op=_text(record, "op"),
        kind=_kind(record),
        outputs=tuple(map(blob_of, _need(record, "outputs", list))),
        manifest=_need(record, "manifest", dict),
        paid=_paid(record),
        **_optional(record),
    )


def schema_of(data: Mapping[str, Any]) -> int:
    """The version that an event's data claims; what claims none is of the first."""
    claimed = data.get("schema", 1)
    return claimed if isinstance(claimed, int) else 1


def durable(event: Event) -> bool:
    """Whether losing this event to a power cut could lose money: it must be synced when written."""
    if event.kind in MONEY_KINDS or tasks.is_task(event):
        return True
    if event.kind == "result" and event.data.get("kind") == "hosted":
        return True
    return money(event.data.get("paid", "0")) != _ZERO


def money(value: Any) -> Decimal | None:
    """An amount written as text or number; None for what is not a finite amount."""
    if value in ("0", 0):
        return _ZERO
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


class StepState(NamedTuple):
    """Where one take of one step stands: `started` and `at` (last move) in seconds since the epoch.

    `data` is what the last move said (a record, a failure); `key` is empty while unknown.
    """

    state: State
    key: str
    started: float | None
    at: float
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Illegal:
    """An event that the table of moves does not allow, or whose amount cannot be read."""

    event: Event
    state: State


@dataclass(frozen=True, slots=True)
class RunState:
    """What the events of one run add up to. `steps` goes by (step id, take).

    `paid` is USD: what results cost, and what was paid for tasks that ended without one.
    """

    run: str = ""
    started: float | None = None
    ended: float | None = None
    steps: Mapping[tuple[str, int], StepState] = field(default_factory=dict)
    counts: Mapping[State, int] = field(default_factory=dict)
    paid: Decimal = _ZERO
    illegal: tuple[Illegal, ...] = ()


_Row: TypeAlias = list[Any]  # the fields of a StepState to be


class _Steps(Mapping[tuple[str, int], StepState]):
    """States, each made of its row when somebody looks at it: to make them all is half of a fold."""

    def __init__(self, rows: Mapping[tuple[str, int], _Row]) -> None:
        self._rows = rows

    def __getitem__(self, name: tuple[str, int]) -> StepState:
        return StepState._make(self._rows[name])

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class _Tally:
    """The running sums of `fold`: mutable, because a frozen state per event costs ten times more."""

    __slots__ = ("ended", "illegal", "paid", "rows", "run", "started")

    def __init__(self, run: str) -> None:
        self.run = run
        self.started: float | None = None
        self.ended: float | None = None
        self.rows: dict[tuple[str, int], _Row] = {}
        self.paid = _ZERO
        self.illegal: list[Illegal] = []

    def add(self, events: Iterable[Event]) -> None:
        rows, known, moves = self.rows, self.rows.get, dict(MOVES)
        for event in events:
            name, kind, data = (event.step, event.take), event.kind, event.data
            row = known(name)
            state = row[0] if row else FIRST
            then = moves[state].get(kind)
            if then is None or data:  # a move that says nothing more is most of a journal
                self._weigh(event, state, then)
            if then is None:
                continue
            at = event.at
            if row is None:
                rows[name] = [then, event.key, at if kind == "started" else None, at, data]
                continue
            row[0], row[1], row[3], row[4] = then, event.key or row[1], at, data
            if kind == "started":
                row[2] = at

    def _weigh(self, event: Event, state: State, then: State | None) -> None:
        """What an event is beside a move: money, a move that is illegal, a run's own."""
        if event.kind in STEP_KINDS:
            # The money is counted even where the move is illegal: what was billed was billed.
            told = not event.data or self._pay(event, state)
            if told and then is None:
                self.illegal.append(Illegal(event, state))
        elif event.kind in MONEY_KINDS:
            self._pay(event, state)
        elif event.kind == "run-started":
            self.started = event.at
        elif event.kind == "run-ended":
            self.ended = event.at

    def _pay(self, event: Event, state: State) -> bool:
        """Count what an event paid; False, and flagged, when its amount cannot be read."""
        amount = money(event.data.get("paid", "0")) if event.data else _ZERO
        self.paid += amount or _ZERO
        if amount is None:
            self.illegal.append(Illegal(event, state))
        return amount is not None

    def close(self) -> RunState:
        return RunState(
            run=self.run,
            started=self.started,
            ended=self.ended,
            steps=_Steps(self.rows),
            counts=Counter(map(itemgetter(0), self.rows.values())),
            paid=self.paid,
            illegal=tuple(self.illegal),
        )


def fold(events: Iterable[Event]) -> RunState:
    """The state that the events of one run lead to; illegal moves are flagged, and change nothing.

    Kinds that this version does not know are passed over.
    """
    told = tuple(events)
    tally = _Tally(next((event.run for event in told), ""))
    tally.add(told)
    return tally.close()


def blob_record(blob: Blob) -> dict[str, Any]:
    """One artifact as plain JSON data; unknown facts left out."""
    each = zip(Facts.__slots__, _ALL_FACTS(blob.facts), strict=True)
    facts = {name: value for name, value in each if value is not None}
    return {"digest": blob.digest, "size": blob.size, "media": blob.media, "facts": facts}


def blob_of(data: Any) -> Blob:
    """The artifact that such data tells. Raises RecordError."""
    if not isinstance(data, dict):
        raise RecordError("outputs: each must be an object")
    digest, size, media = data.get("digest"), data.get("size"), data.get("media")
    if not (type(digest) is str and type(size) is int and type(media) is str):
        digest, size, media = _text(data, "digest"), _whole(data, "size"), _text(data, "media")
    if not _DIGEST.fullmatch(digest):
        raise RecordError(f"outputs: {digest[:80]!r} is not a sha256 digest")
    facts = data.get("facts", _NONE)
    if type(facts) is not dict:
        facts = _need(data, "facts", dict)
    return Blob(digest, size, media, facts_of(facts))


def facts_of(data: Mapping[str, Any]) -> Facts:
    """What such data tells of an artifact."""
    return Facts(**{name: data.get(name) for name in Facts.__slots__}) if data else _UNKNOWN


def _optional(record: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {name: read(record[name]) for name, read in _READ.items() if name in record}
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordError(str(error)) from None


def _paid(record: Mapping[str, Any]) -> Decimal:
    amount = money(record.get("paid", "0"))
    if amount is None:
        raise RecordError(f"paid: {str(record['paid'])[:80]!r} is not an amount")
    return amount


def _kind(record: Mapping[str, Any]) -> Any:
    kind = _text(record, "kind")
    if kind not in _KINDS:
        raise RecordError(f"kind: {kind[:80]!r} is not one of {', '.join(sorted(_KINDS))}")
    return kind


def _text(record: Mapping[str, Any], name: str) -> str:
    value: str = _need(record, name, str)
    return value


def _whole(record: Mapping[str, Any], name: str) -> int:
    value: int = _need(record, name, int)
    return value


def _need(record: Mapping[str, Any], name: str, kind: type) -> Any:
    value = record.get(name)
    if not isinstance(value, kind):
        raise RecordError(f"{name}: must be {kind.__name__}, is {type(value).__name__}")
    return value
