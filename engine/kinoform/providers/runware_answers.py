"""Runware's envelope: which entries of an answer are about one task, and how polls travel together.

Tasks are told apart by `taskUUID` alone, never by order. Knows no stage of a task.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.classes import dataclass
from kinoform.ports import Reply
from kinoform.providers import wire
from kinoform.providers.replies import mapping, read, rows
from kinoform.providers.runware_errors import STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from kinoform.ports import Insert, Request

    _Entries: TypeAlias = dict[str, list[dict[str, Any]]]  # by the id of their task

_TASK: Final = re.compile(rb'^\s*\[\s*\{[^{}\[\]]{0,200}?"taskUUID":\s*"([0-9A-Fa-f-]{36})"')
_UNSCOPED: Final = ""
_FAILED: Final = ("error", "failed")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reply says about one task, in its order.

    `items` are entries of the task, `errors` its errors, `unscoped` errors that name no task and
    may be meant for this one. `empty` says that the answer is a whole envelope without a word about
    any task. All empty: nobody knows what became of the request.
    """

    items: tuple[dict[str, Any], ...] = ()
    errors: tuple[dict[str, Any], ...] = ()
    unscoped: tuple[dict[str, Any], ...] = ()
    empty: bool = False


def answer(reply: Reply, task: str) -> Answer:
    """The entries of one task in a reply; foreign ones say nothing about it."""
    envelope = _envelope(reply)
    if envelope is None:
        return Answer()
    items, errors = _by_task(envelope)
    name = task.lower()
    mine, faults = items.get(name, ()), errors.get(name, ())
    unscoped = () if mine or faults else errors.get(_UNSCOPED, ())
    return Answer(tuple(mine), tuple(faults), tuple(unscoped), not (items or errors))


def archive(reply: Reply) -> dict[str, Any]:
    """The body of a `getTaskDetails` answer, bare or as the one item of `data`."""
    envelope = _envelope(reply) or {}
    found = [each for each in (envelope, *rows(envelope.get("data"))) if "request" in each]
    return found[0] if found else {}


def is_definite(reply: Reply, found: Answer) -> bool:
    """Whether a status alone refuses the request: it has a meaning, and no entry says otherwise."""
    silent = found.empty or _envelope(reply) is None
    return not reply.fault and reply.status in STATUS and silent


def _envelope(reply: Reply) -> dict[str, Any] | None:
    """The mapping that an answer is; None when it is none, or never came."""
    value = None if reply.fault else read(reply)
    return value if isinstance(value, dict) else None


def _by_task(envelope: dict[str, Any]) -> tuple[_Entries, _Entries]:
    """Items and errors by task, of which something is said. An item that failed is an error."""
    items: _Entries = {}
    errors: _Entries = {}
    for each in rows(envelope.get("data")):
        place = errors if each.get("status") in _FAILED else items
        place.setdefault(_task_of(each), []).append(each)
    if "errors" in envelope:
        for each in rows(envelope["errors"]):
            errors.setdefault(_task_of(each), []).append(each)
    if mapping(envelope.get("error")):  # the form of faults that are met before any task
        errors.setdefault(_task_of(envelope), []).append({**envelope, "status": ""})
    return items, errors


def _task_of(entry: dict[str, Any]) -> str:
    task = entry.get("taskUUID")
    return task.lower() if isinstance(task, str) else _UNSCOPED


def fold(requests: Sequence[Request]) -> Request:
    """Several arrays of tasks as one."""
    if len(requests) == 1:
        return requests[0]
    return replace(requests[0], body=tuple(wire.joined(_together(requests))))


def _together(requests: Sequence[Request]) -> Iterator[bytes | Insert]:
    yield b"["
    for number, request in enumerate(requests):
        if number:
            yield b","
        yield from _inside(request.body)
    yield b"]"


def _inside(body: tuple[bytes | Insert, ...]) -> Iterator[bytes | Insert]:
    """The parts of one array without its brackets; ours begin and end with bytes."""
    last = len(body) - 1
    for number, part in enumerate(body):
        if not isinstance(part, bytes):
            yield part
            continue
        start = part[1:] if number == 0 else part
        yield start[:-1] if number == last else start


def task_in(request: Request) -> str:
    """The id of the task that a request of ours holds; it stands near the front of its body."""
    first = request.body[0] if request.body else b""
    found = _TASK.match(first) if isinstance(first, bytes) else None
    return found[1].decode().lower() if found else ""


def split(requests: Sequence[Request], reply: Reply) -> list[Reply]:
    """What a reply says to each request: its own entries, and no others.

    An error that names no task is meant for those of which nothing is said. Where nothing is said
    of any task, all get the reply as it is: its status speaks.
    """
    envelope = _envelope(reply)
    if envelope is None or len(requests) == 1:
        return [reply] * len(requests)
    items, errors = _by_task(envelope)
    if not (items or errors):
        return [reply] * len(requests)
    return [_share(reply, task_in(request), items, errors) for request in requests]


def _share(reply: Reply, task: str, items: _Entries, errors: _Entries) -> Reply:
    mine, faults = items.get(task, []), errors.get(task, [])
    faults = faults or ([] if mine else errors.get(_UNSCOPED, []))
    if not mine and not faults and reply.status in STATUS:
        return replace(reply, fault="lost", said="the answer does not name this task")
    share = {"data": mine, "errors": faults} if faults else {"data": mine}
    # Field by field: `replace` asks each time anew which fields there are, which takes longer.
    return Reply(
        status=reply.status,
        headers=reply.headers,
        fault=reply.fault,
        said=reply.said,
        at=reply.at,
        took=reply.took,
        value=share,
    )
