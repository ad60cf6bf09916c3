"""Runware: a task whose id is ours, so that the same submit may be sent until it is answered.

Pure: every answer leads to one move. The base URL ends in `/v1`; every request is a POST to it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Cursor, Request, Send, Unknown, Wait
from kinoform.providers import (
    pace,
    runware_answers,
    runware_lookup,
    runware_results,
    runware_upload,
    trail,
    wire,
)
from kinoform.providers.runware_answers import answer, is_definite
from kinoform.providers.runware_errors import (
    SUBMIT,
    Refusal,
    by_status,
    is_conflict,
    is_elusive,
    is_stale,
    refusal,
)
from kinoform.providers.trail import task_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.core.types import Action
    from kinoform.ports import Insert, Move, Reply

HORIZON: Final = 3600.0  # seconds for which a second task of one id is relied upon to be refused
_MARGIN: Final = 300.0  # seconds that the last submit within it may be on its way
_BUSY: Final = 10  # times in a row that the provider may be busy before the step ends
_REFUSED: Final = 400
_AWAITED: Final = "no answer to the submit; the same is sent again, at no cost"
_RATE: Final = 429
_SERVER: Final = 500
_TYPES: Final = MappingProxyType(
    {"image": "imageInference", "video": "videoInference", "audio": "audioInference"}
)


class Runware:
    """`ports.Provider` for Runware."""

    name = "runware"
    fold_most = 50

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """The next move for one task. Raises nothing for anything that a reply can hold."""
        stage = _STAGES.get(cursor.stage)
        if stage is None:
            return Unknown(f"there is no stage {cursor.stage} in this version", cursor)
        return stage(action, dict(cursor.data), reply)

    def gate(self, _action: Action) -> str:
        """None: any number of submits may be unanswered, as each has its own id."""
        return ""

    def fold(self, requests: Sequence[Request]) -> Request:
        """Submits, or polls, of several tasks in one array."""
        return runware_answers.fold(requests)

    def split(self, requests: Sequence[Request], reply: Reply) -> Sequence[Reply]:
        """What the answer says to each."""
        return runware_answers.split(requests, reply)


# before the submit


def _new(action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    lack = runware_upload.missing(action, data)
    return runware_upload.upload(data, *lack) if lack else _submit(data, _body(action, data))


def _uploading(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    if reply is None:
        return _new(action, data, None)
    found = runware_upload.uploaded(data, reply)
    return _new(action, found, None) if isinstance(found, dict) else found


def _body(action: Action, data: Mapping[str, Any]) -> tuple[bytes | Insert, ...]:
    params = wire.placed(dict(action.params), partial(runware_upload.stand_in, data))
    media = action.expects[0].media if action.expects else "image"
    head = {
        "taskType": _TYPES.get(media.partition("/")[0], "imageInference"),
        "taskUUID": task_of(data),
    }
    ours = {
        "model": runware_lookup.model_of(action),
        "deliveryMethod": "async",
        "includeCost": True,
        "outputType": "URL",
    }
    count = {"numberResults": trail.asked(action, data)} if "count" in data else {}
    return wire.body([{**head, **params, **ours, **count, **head}])


# the submit


def _submit(data: Mapping[str, Any], body: tuple[bytes | Insert, ...]) -> Send:
    """The one request that spends; an empty body is the recorded one."""
    request = Request("POST", "", body, fold="submit")
    return Send(request, Cursor("submitted", data), spends=True, repeatable=True)


def _resend(_action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    doubt = bool(data.get("doubt") or data.get("resent"))
    return (_again(data, 0.0) if doubt else None) or _submit(data, ())


def _submitted(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    if reply is None:
        return _again(data, 0.0) or _submit({**data, "doubt": True}, ())
    said = answer(reply, task_of(data))
    if said.items:
        return trail.accepted(task_of(data), data)
    errors = (*said.errors, *said.unscoped)
    if errors:
        return _refused(action, data, reply, refusal(errors[0]))
    if is_definite(reply, said):
        return _refused(action, data, reply, by_status(reply.status, ""))
    return _unanswered(data, reply)


def _unanswered(data: dict[str, Any], reply: Reply) -> Move:
    """It may have been accepted: the same again, and the answer to that will tell."""
    since = data if data.get("doubt") else {**data, "spent": 0, "doubt": True}
    wait = replace(pace.again(since, "resend", reply), said=_AWAITED)
    return _again(data, wait.seconds) or wait


def _again(data: Mapping[str, Any], more: float) -> Send | None:
    """A question instead of another submit, once the provider may have forgotten the id."""
    age = max(float(data.get("age", 0)), float(data.get("spent", 0))) + more
    return runware_lookup.begin(data, "old") if age > HORIZON - _MARGIN else None


def _refused(action: Action, data: dict[str, Any], reply: Reply, error: Refusal) -> Move:
    doubt = bool(data.get("doubt") or data.get("resent"))
    if is_conflict(error.code):
        if doubt:
            return trail.accepted(task_of(data), data)
        if data.get("turned"):
            return runware_lookup.begin_burnt(data, error)
        return runware_lookup.begin(data, "conflict", error, "bad-input")
    if reply.status >= _SERVER:
        return _unanswered(data, reply)
    kind = SUBMIT[error.family]
    patient = kind == "rate" or int(data.get("tries", 0)) < _BUSY
    if kind in ("rate", "busy") and patient:
        wait = pace.again({**data, "turned": True}, "resend", reply, kind)
        return (_again(data, wait.seconds) if doubt else None) or wait
    if kind == "bad-input" and is_stale(error, trail.remembered(action, data)):
        kind = "stale-input"
    # A refusal now says nothing of an earlier send of the same, which may have used up the balance.
    return runware_lookup.begin(data, "refused", error, kind) if doubt else error.fail(kind)


# after it was accepted


def _running(_action: Action, data: dict[str, Any], _reply: Reply | None) -> Move:
    if pace.first_look(data):
        return pace.look_again(data, "running")
    poll = runware_lookup.ask(task_of(data), "getResponse", fold="poll")
    return Send(poll, Cursor("polled", data))


def _polled(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    if reply is None:
        return _running(action, data, None)
    said = answer(reply, task_of(data))
    errors = [e for e in said.errors if runware_results.about_task(e, reply.status, data)]
    if said.items or errors:
        return runware_results.gather(action, data, said.items, errors)
    silent = said.empty and not reply.fault and reply.status < _REFUSED
    if silent or (said.errors and all(is_elusive(refusal(e)) for e in said.errors)):
        return runware_results.gather(action, data, (), ())
    return _asked_in_vain(data, reply, said.errors or said.unscoped)


def _asked_in_vain(data: dict[str, Any], reply: Reply, errors: Sequence[dict[str, Any]]) -> Wait:
    """The poll failed; the task runs on, and is asked about for as long as the driver likes."""
    rate = reply.status == _RATE or any(refusal(e).family == "rate" for e in errors)
    return pace.again(data, "running", reply, "rate" if rate else "")


_STAGES: Final[Mapping[str, Callable[[Action, dict[str, Any], Reply | None], Move]]] = (
    MappingProxyType(
        {
            "new": _new,
            "uploading": _uploading,
            "submitted": _submitted,
            "resend": _resend,
            "look": lambda _action, data, _reply: runware_lookup.look(data),
            "looked": runware_lookup.looked,
            "glance": lambda _action, data, _reply: runware_lookup.glance(data),
            "glanced": runware_lookup.glanced,
            "running": _running,
            "polled": _polled,
        }
    )
)
