"""Records of `kinoform.lock/`: what was bought for a step, which bytes an address stands for. Pure.

One JSON object on a line. A record of a purchase says what cannot be worked out again: which bytes,
for which request, at what price. It is never rewritten. Lines are sorted, so that a file is the same
whoever wrote it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.address import named
from kinoform.core.canon import dumps
from kinoform.core.ledger import RecordError, blob_of, blob_record
from kinoform.core.manifest import recipe_of
from kinoform.core.money import amount_of, text
from kinoform.core.types import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.core.types import Blob

_KEY: Final = 64


def place(step: str) -> str:
    """The file of a step id below `kinoform.lock/`: `steps/clip/s020`, `steps/reel/_`."""
    name, _, item = step.partition("@")
    return f"steps/{name}/{item or '_'}"


def record(result: Result) -> str:
    """One line for a result that was bought or adopted."""
    told: dict[str, Any] = {
        "artifacts": [blob_record(blob) for blob in result.outputs],
        "key": result.key,
        "recipe": recipe_of(result.manifest),
        "take": result.take,
        "model": result.op,
        "model_digest": result.model_digest,
        "paid": text(result.paid),
        "task": result.task,
    }
    return dumps(told if result.seed is None else {**told, "seed": result.seed})


def read(step: str, line: str) -> Result:
    """The result that a line tells. Raises RecordError."""
    try:
        told = json.loads(line)
        paid = amount_of(told["paid"])
        if paid is None or len(told["key"]) != _KEY:
            raise RecordError("key or paid: not as they are written")
        return Result(
            key=told["key"],
            step=step,
            take=int(told["take"]),
            op=str(told["model"]),
            kind="hosted",
            outputs=tuple(blob_of(each) for each in told["artifacts"]),
            manifest={},
            paid=paid,
            seed=told.get("seed"),
            origin="lock",
            grade="archived",
            model_digest=str(told["model_digest"]),
            task=str(told["task"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(str(error)[:200]) from None


def pin(url: str, blob: Blob) -> str:
    """One line for the bytes that an address stands for."""
    return dumps({"address": named(url), "artifact": blob_record(blob)})


def pinned(line: str) -> tuple[str, Blob]:
    """The address and the bytes that a line tells. Raises RecordError."""
    try:
        told = json.loads(line)
        return str(told["address"]), blob_of(told["artifact"])
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(str(error)[:200]) from None


def recipe(line: str) -> tuple[str, str]:
    """Key and recipe of a line that `read` can read."""
    told = json.loads(line)
    return str(told["key"]), str(told.get("recipe", ""))


def added(lines: Sequence[str], line: str, *, fresh: bool = False) -> list[str]:
    """The lines of a file with one more, sorted by recipe and take.

    What is recorded stays, unless the same request was bought just now, because that was lost.
    """
    if not lines:  # as of nearly every purchase
        return [line]
    found = {_name(each): each for each in lines if each.strip()}
    if fresh or _name(line) not in found:
        found[_name(line)] = line
    return [found[name] for name in sorted(found)]


def holds(lines: Sequence[str], key: str) -> bool:
    """Whether a file's lines are in order, and one of them is the record of this key."""
    try:
        names = list(map(_name, lines))
    except (ValueError, TypeError, AttributeError):
        return False
    return names == sorted(set(names)) and any(key == name[2] for name in names)


def _name(line: str) -> tuple[str, int, str]:
    told = json.loads(line)
    return str(told.get("recipe", "")), int(told.get("take", 0)), str(told.get("key", ""))
