"""WaveSpeed: the id of a task comes with its answer, so a submit without one is never repeated.

Pure: every answer leads to one move. After doubt the account's own list is read.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Cursor, Request, Send, Unknown
from kinoform.providers import (
    pace,
    trail,
    wavespeed_answers,
    wavespeed_history,
    wavespeed_results,
    wavespeed_upload,
    wire,
)
from kinoform.providers.replies import fine, name_of
from kinoform.providers.wavespeed_answers import API, envelope
from kinoform.providers.wavespeed_errors import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.core.types import Action
    from kinoform.ports import Insert, Move, Reply

# Fields by which models of this provider are told how many results to make.
_COUNTS: Final = ("num_images", "num_outputs", "num_videos", "n")


class WaveSpeed:
    """`ports.Provider` for WaveSpeed."""

    name = "wavespeed"
    fold_most = 100

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """The next move for one task. Raises nothing for anything that a reply can hold."""
        stage = _STAGES.get(cursor.stage)
        if stage is None:
            return Unknown(f"there is no stage {cursor.stage} in this version", cursor)
        data = dict(cursor.data)
        skew = pace.skew(reply) if reply else None
        if skew is not None and reply is not None and reply.took <= wavespeed_history.DRIFT:
            data.setdefault("offset", skew)
        return stage(action, data, reply)

    def gate(self, action: Action) -> str:
        """The model: a lost answer then leaves one hole in the list, with one task to fill it."""
        return action.op.name

    def fold(self, requests: Sequence[Request]) -> Request:
        """Several polls as one page of the list."""
        return wavespeed_answers.fold(requests)

    def split(self, requests: Sequence[Request], reply: Reply) -> Sequence[Reply]:
        """What the list says of each."""
        return wavespeed_answers.split(requests, reply)


# before the submit


def _new(action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    lack = next(iter(trail.lacking(action, data)), None)
    return wavespeed_upload.ticket(data, *lack) if lack else _submit(action, data)


def _ticket(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    return _new(action, data, None) if reply is None else wavespeed_upload.ticketed(data, reply)


def _put(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    found = data if reply is None else wavespeed_upload.put(data, reply)
    return _new(action, found, None) if isinstance(found, dict) else found


def _body(action: Action, data: Mapping[str, Any]) -> tuple[bytes | Insert, ...]:
    params = wire.placed(dict(action.params), lambda blob: trail.ref_of(data, blob.digest))
    field = next((name for name in _COUNTS if name in params), "")
    count = {field: trail.asked(action, data)} if field and "count" in data else {}
    return wire.body({**params, **count})


# the submit


def _submit(action: Action, data: Mapping[str, Any]) -> Send:
    return _send(action, data, _body(action, data))


def _resend(action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    """Only after an answer that proves that nothing was accepted; the body is the recorded one."""
    return _send(action, data, ())


def _send(action: Action, data: Mapping[str, Any], body: tuple[bytes | Insert, ...]) -> Send:
    """The one request that spends."""
    request = Request("POST", f"{API}/{_model(action)}", body)
    return Send(request, Cursor("submitted", data), spends=True, gate=action.op.name)


def _model(action: Action) -> str:
    return action.op.name.removeprefix("wavespeed/")


def _submitted(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    if reply is None:
        return wavespeed_history.settle(data)
    task = _task(action, data, reply)
    if task:
        return trail.accepted(task, data)
    found = envelope(reply)
    doubtful = reply.fault or found.data.get("id")
    fail = None if doubtful else refused(found.status, found.message, cause=found.cause)
    if fail is None:
        return wavespeed_history.settle(data)
    return pace.again(data, "resend", reply, "rate") if fail.kind == "rate" else fail


def _task(action: Action, data: Mapping[str, Any], reply: Reply) -> str:
    """The new task's id, if the answer is one to this submit."""
    found = envelope(reply)
    if not fine(reply) or found.status != reply.status:
        return ""
    if found.data.get("model", _model(action)) not in (_model(action), ""):
        return ""
    task = name_of(found.data.get("id"))
    return "" if task in data.get("known", ()) else task


# after it


def _history(_action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    return wavespeed_history.ask(data)


def _listed(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    if reply is None:
        return wavespeed_history.ask(data)
    return wavespeed_history.listed(action, data, reply)


def _running(_action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    if pace.first_look(data):
        return pace.look_again(data, "running")
    poll = wavespeed_answers.poll(trail.task_of(data), alone=bool(data.get("alone")))
    return Send(poll, Cursor("polled", data))


def _polled(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    if reply is None:
        return _running(action, data, None)
    found = wavespeed_results.polled(action, data, reply)
    return _running(action, dict(found.data), None) if isinstance(found, Cursor) else found


_STAGES: Final[Mapping[str, Callable[[Action, dict[str, Any], Reply | None], Move]]] = (
    MappingProxyType(
        {
            "new": _new,
            "ticket": _ticket,
            "put": _put,
            "submitted": _submitted,
            "resend": _resend,
            "history": _history,
            "listed": _listed,
            "running": _running,
            "polled": _polled,
        }
    )
)
