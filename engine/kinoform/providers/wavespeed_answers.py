"""WaveSpeed's envelope, and how polls travel together: the list call for many, a GET for one.

Failure lives inside HTTP 200, so a status alone says little. Knows no stage of a task.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.classes import dataclass
from kinoform.ports import Request
from kinoform.providers import wire
from kinoform.providers.replies import OK, fine, mapping, name_of, read, rows, said, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.ports import Reply

API: Final = "api/v3"
PAGE: Final = 100  # items of one page of the list: the most that it gives
ALONE: Final = "alone"  # the state of a task that must be asked for by itself
_CAUSES: Final = 1000  # codes from here on are no HTTP statuses
_POLL: Final = re.compile(r"api/v3/predictions/([^/]+)/result")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One answer: `status` is HTTP's, or the envelope's own code where that says otherwise.

    `data` and `message` are empty where the answer has none; `whole` is false where it is no
    envelope at all. `cause` is the code of what failed, as tasks have it; 0 where none is told.
    """

    status: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    whole: bool = False
    cause: int = 0


def envelope(reply: Reply) -> Envelope:
    """What an answer says; nothing where none came."""
    value = None if reply.fault else read(reply)
    if not isinstance(value, dict):
        return Envelope(reply.status)
    code = value.get("code")
    inner = code if isinstance(code, int) and code not in (0, OK) and fine(reply) else reply.status
    words = said(value.get("message")) or said(value.get("error"))
    is_whole = isinstance(value.get("data"), dict | list) or "code" in value
    causes = (whole(value.get(name)) or 0 for name in ("error_code", "code"))
    cause = next((each for each in causes if each >= _CAUSES), 0)
    return Envelope(inner, mapping(value.get("data")), words, is_whole, cause)


def items_of(reply: Reply) -> list[dict[str, Any]] | None:
    """The items of the list call; None where the answer is no list."""
    if not fine(reply) or envelope(reply).status != reply.status:
        return None
    value = mapping(read(reply))
    data = value.get("data", value)
    found = data.get("items") if isinstance(data, dict) else data
    return rows(found) if isinstance(found, list) else None


def total_of(reply: Reply) -> int | None:
    """How many items the whole list has, where the answer tells."""
    total = mapping(mapping(read(reply)).get("data")).get("total")
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def poll(task: str, *, alone: bool) -> Request:
    """Ask for the state of one task."""
    fold_ = "" if alone else "poll"
    return Request("GET", f"{API}/predictions/{task}/result", fold=fold_)


def page(number: int) -> Request:
    """A page of everything that the account has made in the last days, newest first.

    It asks for no model and no time: a filter that the provider reads otherwise than we do would
    hide a task, and a list that hides one is taken for proof that there is none.
    """
    body = wire.body({"page": number, "page_size": PAGE})
    return Request("POST", f"{API}/predictions", body)


def fold(requests: Sequence[Request]) -> Request:
    """One poll as it is; several as one page of the list."""
    return requests[0] if len(requests) == 1 else replace(page(1), fold=requests[0].fold)


def split(requests: Sequence[Request], reply: Reply) -> list[Reply]:
    """The item of each as the answer to its own poll; what the list does not tell is asked alone."""
    if len(requests) == 1:
        return [reply]
    items = items_of(reply)
    if items is None:
        return [reply] * len(requests)
    known = {name_of(item.get("id")): item for item in reversed(items)}
    return [_share(reply, _task_in(request), known) for request in requests]


def _task_in(request: Request) -> str:
    found = _POLL.fullmatch(request.url)
    return found[1] if found else ""


def _share(reply: Reply, task: str, known: Mapping[str, Mapping[str, Any]]) -> Reply:
    item = known.get(task, {})
    share = item if _is_telling(item) else {"id": task, "status": ALONE}
    return replace(reply, body=b"", value={"code": OK, "message": "success", "data": share})


def _is_telling(item: Mapping[str, Any]) -> bool:
    """Whether an item of the list says all that its own poll would."""
    needed = {"completed": "outputs", "failed": "error"}.get(str(item.get("status")))
    return bool(item) and (needed is None or bool(item.get(needed)))
