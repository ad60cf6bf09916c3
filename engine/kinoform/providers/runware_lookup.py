"""What became of a Runware task whose submit nobody can judge: two free questions.

`getTaskDetails` shows what was asked under our id and the last answer to it; a refused replay
overwrites that answer, so where it shows a refusal `getResponse` is asked too. Nothing here sends a
submit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Accepted, Cursor, Fail, Reply, Request, Send, Unknown
from kinoform.providers import pace, trail, wire
from kinoform.providers.replies import fine, mapping, rows
from kinoform.providers.runware_answers import answer, archive
from kinoform.providers.runware_errors import (
    SUBMIT,
    Refusal,
    is_conflict,
    refusal,
)
from kinoform.providers.runware_results import about_task
from kinoform.providers.trail import task_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Action
    from kinoform.ports import Move

# Fields of the archived request that must be those of ours, where both have them.
FINGERPRINT: Final = (
    "model", "positivePrompt", "negativePrompt", "width", "height", "duration", "resolution",
)  # fmt: skip
# Refusals that follow from the request itself; all others may pass, and prove nothing of before.
_LASTING: Final = ("bad-input", "moderation", "stale-input")
COLLISION: Final = "task-collision"


def model_of(action: Action) -> str:
    """The model as it is named on the wire."""
    return action.op.name.removeprefix("runware/")


def ask(task: str, kind: str, fold: str = "") -> Request:
    """A free question about one task."""
    return Request("POST", "", wire.body([{"taskType": kind, "taskUUID": task}]), fold=fold)


def begin(
    data: Mapping[str, Any], why: str, refused: Refusal | None = None, kind: str = ""
) -> Send:
    """Look the task up. `why`: `old`, `conflict`, or `refused` (then how, and of which kind)."""
    told = {"why": why} if refused is None else {"why": why, "refusal": _written(kind, refused)}
    return look({**trail.kept(data), **told})


def begin_burnt(data: Mapping[str, Any], conflict: Refusal) -> Send:
    """The id is known and every send under it was refused: is it more than the refusals' trace?

    The archive cannot tell, as the last refusal has overwritten it.
    """
    told = {"why": "burnt", "refusal": _written("busy", conflict)}
    return glance({**trail.kept(data), **told})


def look(data: Mapping[str, Any]) -> Send:
    """The first question."""
    return Send(ask(task_of(data), "getTaskDetails"), Cursor("looked", data))


def looked(action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    """What the archive says."""
    if reply is None:
        return look(data)
    found = archive(reply)
    if found:
        return _compare(action, data, found)
    return _unread(data, "look", reply) or _nothing(data)


def _compare(action: Action, data: dict[str, Any], found: Mapping[str, Any]) -> Move:
    task = task_of(data)
    theirs = _request_of(found, task)
    if theirs is None:
        return _nothing(data)
    if not _is_same(action, theirs):
        return _collision(data)
    errors = _archived_errors(found, task)
    if not errors or data.get("why") == "conflict":
        return trail.accepted(task, data)
    kind = SUBMIT[errors[0].family]
    return glance({**data, "refusal": data.get("refusal") or _written(kind, errors[0])})


def _nothing(data: dict[str, Any]) -> Move:
    """The archive knows no request of ours: proof of nothing, unless a conflict spoke before."""
    if data.get("why") == "conflict":
        return trail.accepted(task_of(data), data)
    return glance(data)


def _collision(data: dict[str, Any]) -> Move:
    said = "another request was made under this task id"
    if data.get("why") == "conflict":
        return Fail("bad-input", said, "taskUUID", COLLISION)
    return _unknown(data, said)


def _request_of(found: Mapping[str, Any], task: str) -> dict[str, Any] | None:
    """The archived request under our id; the only one there counts as ours."""
    asked = found.get("request")
    tasks = rows(asked) or rows([asked])
    mine = [each for each in tasks if str(each.get("taskUUID", "")).lower() == task.lower()]
    alone = [each for each in tasks if "taskUUID" not in each and len(tasks) == 1]
    return next(iter(mine or alone), None)


def _is_same(action: Action, theirs: Mapping[str, Any]) -> bool:
    ours = {**action.params, "model": model_of(action)}
    return all(
        str(ours[name]) == str(theirs[name])
        for name in FINGERPRINT
        if name in ours and name in theirs
    )


def _archived_errors(found: Mapping[str, Any], task: str) -> list[Refusal]:
    """The refusals that the archive shows, where it shows nothing better and no conflict."""
    response = mapping(found.get("response"))
    data = [each for each in rows(response.get("data")) if each.get("status") != "error"]
    errors = [each for each in rows(response.get("errors")) if each.get("taskUUID", task) == task]
    read_ = [refusal(each) for each in errors]
    return [] if data or any(is_conflict(each.code) for each in read_) else read_


def glance(data: Mapping[str, Any]) -> Send:
    """The second question."""
    return Send(ask(task_of(data), "getResponse"), Cursor("glanced", data))


def glanced(_action: Action, data: dict[str, Any], reply: Reply | None) -> Move:
    """What the task's state says: any word of it is proof that it was accepted."""
    if reply is None:
        return glance(data)
    said = answer(reply, task_of(data))
    if said.items or any(about_task(each, reply.status, data) for each in said.errors):
        return trail.accepted(task_of(data), data)
    return _unread(data, "glance", reply) or _doubt(data)


def _unread(data: dict[str, Any], stage: str, reply: Reply) -> Move | None:
    """Ask again where the question was not answered; None when it was."""
    if reply.status in _KEY_REFUSED and not reply.fault:
        return None if data.get("why") == "conflict" else _unknown(data, _SHUT)
    said = answer(reply, task_of(data))
    passing = any(refusal(each).family in _PASSING for each in (*said.errors, *said.unscoped))
    read = said.empty or said.items or said.errors or said.unscoped
    if read and not passing and (fine(reply) or reply.status in _ANSWERED):
        return None
    if float(data.get("spent", 0)) >= _PATIENCE:
        return _unknown(data, "the submit went unanswered, and the provider does not say more")
    return pace.again(data, stage, reply)


_KEY_REFUSED: Final = (401, 403)
_ANSWERED: Final = (400, 404, 422)
_PASSING: Final = ("auth", "rate", "serverError", "timeout")
_PATIENCE: Final = 600.0  # seconds of asking in vain
_SHUT: Final = "the submit went unanswered, and the key is refused now"


def _doubt(data: Mapping[str, Any]) -> Accepted | Fail | Unknown:
    """Nothing is known of the task: a lasting refusal ends it, all else stays unknown."""
    kind, message, field, code = data.get("refusal") or ("", "", "", "")
    if kind in _LASTING or data.get("why") == "burnt":
        return Fail(kind, message, field, code)
    said = f"an earlier submit went unanswered, and now: {message}" if message else _SILENT
    return _unknown(data, said)


_SILENT: Final = "the submit went unanswered, and the provider shows no such task"


def _unknown(data: Mapping[str, Any], said: str) -> Unknown:
    return Unknown(said, Cursor("look", {**trail.kept(data), "why": "old"}), (task_of(data),))


def _written(kind: str, refused: Refusal) -> list[str]:
    return [kind, refused.message, refused.field, refused.code]
