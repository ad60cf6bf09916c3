"""What the ledger holds of results: each as a record of plain data and back, and which events are money.

Pure: knows no file, no clock and no SQL. What the events of a run add up to is `core.run_state`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

from kinoform.core import tasks
from kinoform.core.canon import Written, plain
from kinoform.core.money import ZERO, amount_of
from kinoform.core.record_text import with_text
from kinoform.core.states import STEP_KINDS
from kinoform.core.types import Blob, Facts, Result

if TYPE_CHECKING:
    from decimal import Decimal

    from kinoform.core.types import Event

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
    return with_text(record, manifest.text) if isinstance(manifest, Written) else record


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
        paid = amount_of(said)
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
    known = (
        tuple(map(type, values)) in _TYPES and values[4] in _KINDS and amount_of(said) is not None
    )
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
    return amount_of(event.data.get("paid", "0")) != ZERO


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
    found = amount_of(record.get("paid", "0"))
    if found is None:
        raise RecordError(f"paid: {str(record['paid'])[:80]!r} is not an amount")
    return found


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
