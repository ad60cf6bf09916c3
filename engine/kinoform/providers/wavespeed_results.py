"""The state of one WaveSpeed task, as a poll tells it.

The first state that ends it wins: nothing is asked after that. Knows no request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Cursor, Done, Fail, Output, Unknown
from kinoform.providers import pace, trail
from kinoform.providers.replies import address, fine, rows, said, whole
from kinoform.providers.wavespeed_answers import ALONE, envelope
from kinoform.providers.wavespeed_errors import OVER, failed
from kinoform.providers.wire import blobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Action
    from kinoform.ports import Move, Reply

FRESH: Final = 3600.0  # seconds for which a result's address is relied upon as an input
_RATE: Final = 429
_CLIENT: Final = range(400, 500)
_ABSENT: Final = 404
_TRIES: Final = 6  # times in a row that a task may be unknown: a list may lag


def polled(action: Action, data: dict[str, Any], reply: Reply) -> Move | Cursor:
    """The next move after one poll, or a cursor from where to ask again at once."""
    found = envelope(reply)
    state = found.data.get("status")
    whole_ = fine(reply) and found.status == reply.status
    if not whole_ or found.data.get("id") != trail.task_of(data):
        return _asked_in_vain(data, reply)
    if state == ALONE and not data.get("alone"):
        return Cursor("running", {**data, "alone": True})
    if state == "completed":
        return _done(action, data, found.data)
    if state in OVER:
        return _failed(action, data, found.data, str(state))
    return pace.look_again(data, "running")


def _asked_in_vain(data: dict[str, Any], reply: Reply) -> Move:
    """The poll failed; the task runs on. Where the list is refused, each is asked for alone."""
    rate = reply.status == _RATE
    if reply.status == _ABSENT and data.get("alone") and int(data.get("tries", 0)) >= _TRIES:
        said_ = f"the provider knows no task {trail.task_of(data)}"
        return Unknown(said_, Cursor("running", trail.kept(data)))
    shut = reply.status in _CLIENT and not rate
    return pace.again({**data, "alone": True} if shut else data, "running", reply, "rate" * rate)


def _done(action: Action, data: Mapping[str, Any], found: Mapping[str, Any]) -> Done | Fail:
    urls, most = _urls(found.get("outputs")), trail.asked(action, data)
    if not urls:
        return Fail("empty", "the task was completed without a result")
    media = action.expects[0].media if action.expects else ""
    task = trail.task_of(data)
    outputs = tuple(
        Output(url=url, media=media, id=f"{task}#{number}", ref=url, fresh=FRESH)
        for number, url in enumerate(urls[:most], 1)
    )
    missing = most - len(outputs)
    return Done(outputs, missing, f"{missing} of {most} did not come" if missing else "")


def _urls(outputs: Any) -> list[str]:
    """The addresses of the results, each once, in their order."""
    listed = outputs if isinstance(outputs, list) else [outputs]
    named = [address(each) for each in listed] + [address(each.get("url")) for each in rows(listed)]
    return list(dict.fromkeys(url for url in named if url))


def _failed(action: Action, data: Mapping[str, Any], found: Mapping[str, Any], state: str) -> Fail:
    paths = [path for path, _ in blobs(action.params)]
    brought = "earlier" if trail.remembered(action, data) else "now" if paths else ""
    code = whole(found.get("code")) or 0
    if state != "failed":
        return Fail("broken", said(found.get("error")) or f"the task ended as {state}", "", state)
    return failed(code, said(found.get("error")), brought, paths)
