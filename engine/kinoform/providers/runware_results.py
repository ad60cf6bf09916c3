"""The results of one Runware task, gathered over many polls until the last one is there.

Results come one by one, in any order, more than once, and their states may go backwards: what has
arrived stays, in the order in which it was first seen. Knows no request.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Done, Fail, Output
from kinoform.providers import pace, runware_errors
from kinoform.providers.replies import address, dollars, mapping, name_of, said, whole
from kinoform.providers.runware_errors import TASK, Refusal, refusal
from kinoform.providers.trail import asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.core.types import Action
    from kinoform.ports import Move

FRESH: Final = 3600.0  # seconds for which a result's id is relied upon as an input
_FIELDS: Final = (
    ("image", "imageURL", "imageUUID"),
    ("video", "videoURL", "videoUUID"),
    ("audio", "audioURL", "audioUUID"),
)
# Seconds without news after which what is there is taken for all there will be: some failed and
# nothing is said of the rest; some came and nothing is said of the rest; all are accounted for and
# yet something is said to be under way.
_AFTER_FAILURE: Final = 30.0
_AFTER_SILENCE: Final = 1800.0
_AFTER_ALL: Final = 600.0
_PATIENCE: Final = 600.0  # seconds for which "no such task" may mean "not yet"
_POLL_REFUSED: Final = (401, 402, 403, 429)
_SERVER: Final = 500
_UNDER_WAY: Final = ("processing", "pending", "queued")


def gather(
    action: Action,
    data: Mapping[str, Any],
    items: Sequence[dict[str, Any]],
    errors: Sequence[dict[str, Any]],
) -> Move:
    """The next move after one poll: done, failed, or another look."""
    most = asked(action, data)
    held, failed = {**mapping(data.get("held"))}, {**mapping(data.get("failed"))}
    pending = 0
    for item in items:
        pending += _take(item, held, failed, most)
    for number, error in enumerate(errors[:most]):
        name = _id(error) or f"#{number}"
        if name not in held:
            failed.setdefault(name, _record(refusal(error)))
    failed = {name: record for name, record in failed.items() if name not in held}
    now = {**data, "held": held, "failed": failed, "still": _still(data, held, failed)}
    return _judge(action, now, most, pending)


def _take(item: dict[str, Any], held: dict[str, Any], failed: dict[str, Any], most: int) -> bool:
    """File one item; whether it is still under way."""
    name = _id(item)
    kind, url = _lies(item)
    if url and item.get("status") not in _UNDER_WAY:
        held[name or url] = [url, kind, whole(item.get("seed")), _cost(item)]
        return False
    if item.get("status") == "success":
        if len(failed) < most:
            failed[name or "#empty"] = ["empty", "a result came without an address", "", ""]
        return False
    return name not in held and name not in failed


def _id(item: Mapping[str, Any]) -> str:
    for _, _, field in _FIELDS:
        if field in item and (name := name_of(item[field])):
            return name
    return ""


def _lies(item: Mapping[str, Any]) -> tuple[str, str]:
    """Of which kind it is and where it lies; both empty while nobody says."""
    for kind, field, _ in _FIELDS:
        if field in item and (url := address(item[field])):
            return kind, url
    return "", ""


def _cost(item: Mapping[str, Any]) -> str | None:
    cost = dollars(item.get("cost"))
    return None if cost is None else str(cost)


def _record(error: Refusal) -> list[str | None]:
    cost = None if error.cost is None else str(error.cost)
    return [TASK[error.family], error.message, error.field, error.code, cost]


def _failures(failed: Mapping[str, Any]) -> int:
    """How many results failed: one may be told twice, with its id and without."""
    if not failed:
        return 0
    named = sum(not name.startswith("#") for name in failed)
    return max(named, len(failed) - named)


def _still(data: Mapping[str, Any], held: Mapping[str, Any], failed: Mapping[str, Any]) -> float:
    """At which `waited` the last news came."""
    if "still" in data:
        before = len(mapping(data.get("held"))), len(mapping(data.get("failed")))
        if before == (len(held), len(failed)):
            return float(data["still"])
    return float(data.get("waited", 0))


def _judge(action: Action, data: Mapping[str, Any], most: int, pending: int) -> Move:
    came, lost = len(data["held"]), _failures(data["failed"])
    if came >= most or _is_over(data, most - came - lost, came, pending):
        return _end(action, data, most)
    return pace.look_again(data, "running")


def _is_over(data: Mapping[str, Any], open_: int, came: int, pending: int) -> bool:
    """Whether no more is to come; `open_` results are neither there nor failed."""
    lost = bool(data["failed"])
    if open_ <= 0 and not pending:
        return True
    if (open_ > 0 and pending) or not (came or lost):
        return False
    limit = _AFTER_ALL if open_ <= 0 else _AFTER_FAILURE if lost else _AFTER_SILENCE
    return float(data.get("waited", 0)) - float(data["still"]) >= limit


def _end(action: Action, data: Mapping[str, Any], most: int) -> Done | Fail:
    held, failed = data["held"], list(data["failed"].values())
    if not held:
        kind, message, field, code, *_ = failed[0]
        return Fail(kind, message, field, code, _taken(failed))
    names = [n for n in data.get("seen", ()) if n in held]
    names += [n for n in held if n not in names]
    outputs = tuple([_output(action, name, held[name]) for name in names[:most]])
    if len(outputs) == most:
        return Done(outputs)
    told = "; ".join(dict.fromkeys(record[1] for record in failed))
    return Done(outputs, most - len(outputs), said(told))


def _taken(failed: Sequence[Sequence[Any]]) -> Decimal | None:
    """What the failures took, where each says so; a record of an earlier version has no cost."""
    costs = [Decimal(cost) for record in failed for cost in record[4:] if cost is not None]
    return sum(costs, Decimal(0)) if len(costs) == len(failed) else None


def _output(action: Action, name: str, record: Sequence[Any]) -> Output:
    url, kind, seed, cost = record
    expected = action.expects[0].media if action.expects else ""
    return Output(
        url=url,
        media=expected if expected.startswith(kind) else "",
        id=name,
        seed=seed,
        cost=None if cost is None else Decimal(cost),
        ref="" if name == url else name,
        fresh=0.0 if name == url else FRESH,
    )


def about_task(error: Mapping[str, Any], status: int, data: Mapping[str, Any]) -> bool:
    """Whether an error in the answer to a poll is about the task, and not about the poll."""
    known = refusal(error)
    if runware_errors.is_elusive(known):
        late = float(data.get("waited", 0)) >= _PATIENCE
        return late and known.code == "taskFailedOrNotFound"
    if error.get("status") == "error":
        return True
    return not (
        error.get("taskType") == "getResponse"
        or status in _POLL_REFUSED
        or status >= _SERVER
        or (known.family in ("auth", "rate") and not error.get("taskType"))
    )
