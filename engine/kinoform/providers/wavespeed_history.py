"""Reconciliation: whether a WaveSpeed submit without an answer was accepted, by the account's list.

The list is read page by page, newest first, until it is older than the submit. Only a list that was
read that far, and shows no task that can be ours, is proof that there is none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Cursor, Send, Unknown, Void, Wait
from kinoform.providers import pace, trail
from kinoform.providers.replies import name_of
from kinoform.providers.wavespeed_answers import PAGE, envelope, items_of, page, total_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.core.types import Action
    from kinoform.ports import Move, Reply

TIMEOUT: Final = 60.0  # seconds for which a submit is waited for
SETTLE: Final = 60.0  # seconds after its last byte in which it is accepted, or never will be
LISTED: Final = 60.0  # seconds after which the list shows what was accepted
TURN: Final = (
    3600.0  # seconds after its intent in which a submit leaves, however long its turn takes
)
DRIFT: Final = 20.0  # seconds by which the provider's clock may have moved since the submit
SKEW: Final = 60.0  # seconds by which two clocks may differ beyond what `offset` tells
AFTER: Final = 120.0  # seconds after the submit in which its task may have been made
AROUND: Final = 600.0  # seconds around the submit in which a stranger's task spoils the proof
REMEMBERED: Final = 6 * 86_400.0  # seconds; the list goes back seven days
_PAGES: Final = 200
# Tasks that nobody accounts for: surely ours, perhaps ours, those of a model whose name is much like
# ours and of which another submit is in doubt, and of other models.
_LISTS: Final = ("near", "late", "twins", "others")
_MOST: Final = 50  # candidates that are remembered
_AWAITED: Final = "no answer to the submit; the account's list will tell"
_FORGOTTEN: Final = "the provider's list no longer goes back to the submit"
_SHUT: Final = (401, 403, 404, 405)
_MILLISECONDS: Final = 10**11  # a number of seconds that large lies thousands of years ahead


def settle(data: Mapping[str, Any]) -> Wait:
    """Wait until the submit was accepted and is listed, or never will be; then the list is read.

    After a crash `age` tells since when the intent stands, and not when the submit left: it may have
    waited for its turn. So only an intent of long ago is looked up at once. An answer that failed to
    come while we looked on may have taken as long as it liked: that is not long ago.
    """
    old = bool(data.get("resent")) and float(data.get("age", 0)) > TURN
    pause = 0.0 if old else SETTLE + LISTED
    return Wait(pause, Cursor("history", trail.kept(data)), said=_AWAITED)


def ask(data: Mapping[str, Any]) -> Send | Unknown:
    """The next page, unless the list no longer goes back that far."""
    if float(data.get("age", 0)) > REMEMBERED:
        return _unknown(data, _FORGOTTEN)
    return Send(page(int(data.get("page", 1))), Cursor("listed", data))


def listed(action: Action, data: dict[str, Any], reply: Reply) -> Move:
    """What one page adds; the verdict after the last."""
    if reply.at - float(data.get("sent", reply.at)) > REMEMBERED:
        return _unknown(data, _FORGOTTEN)
    if _drifted(data, reply):
        return _unknown(data, "the provider's clock moved since the submit went unanswered")
    items = items_of(reply)
    if items is None:
        status = envelope(reply).status
        said = "the submit went unanswered, and the provider's list is refused"
        later = replace(pace.again(data, "history", reply), said=_AWAITED)
        return _unknown(data, said) if status in _SHUT else later
    now = _sift(action, data, items)
    if _is_read(data, now, items, reply):
        return _verdict(now)
    if now["page"] >= _PAGES or (items and now["mark"] == data.get("mark")):
        return _unknown(now, "the submit went unanswered, and the provider's list has no end")
    return ask({**now, "page": now["page"] + 1})


def _drifted(data: Mapping[str, Any], reply: Reply) -> bool:
    """Whether one of the clocks moved since: a window by the old offset would prove nothing.

    An answer that took its time tells the provider's less well. What is allowed for that stays below
    `SKEW`, by which the window is wider than it need be.
    """
    now = pace.skew(reply)
    allowed = DRIFT + min(max(reply.took, 0.0), DRIFT)
    return now is not None and abs(now - float(data.get("offset", now))) > allowed


# one page


def _bounds(data: Mapping[str, Any]) -> tuple[float, float, float]:
    """On the provider's clock: from when, until when it is surely ours, until when it may be.

    `sent` is when the submit left, or, after a crash, when the intent was written; `lost` when its
    answer failed to come; `age` is there where it may have left later than that. Where no answer
    ever told what that clock shows, no time in the list means anything.
    """
    if "offset" not in data:
        return -inf, -inf, inf
    sent = float(data.get("sent", 0)) + float(data["offset"])
    crashed = "age" in data
    lost = max(sent, float(data.get("lost", 0)) + float(data["offset"]))
    start = sent - SKEW - (0.0 if crashed or "lost" in data else TIMEOUT)
    late = sent + float(data["age"]) + SKEW if crashed else 0.0
    return start, lost + AFTER, max(lost + AFTER, late)


def _sift(
    action: Action, data: Mapping[str, Any], items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The data with the tasks of this page that nobody accounts for."""
    near, late, twins, others = [set(data.get(name, ())) for name in _LISTS]
    start, sure, end = _bounds(data)
    known, model = set(data.get("known", ())), _model(action.op.name)
    theirs = {_model(name) for name, _ in data.get("pending", ())} - {model}
    for item in items:
        task, made = name_of(item.get("id")), made_at(item.get("created_at"))
        kin = _kinship(item.get("model"), model)
        if task in known:
            continue
        if kin == "same" and made is not None and start <= made <= sure:
            near.add(task)
        elif kin == "near" and item.get("model") in theirs:
            twins.add(_mark(data, item, task, made))
        elif kin and (made is None or start <= made <= end):
            late.add(task)
        elif made is None or start - AROUND <= made <= sure + AROUND:
            others.add(_mark(data, item, task, made))
    mark = name_of(items[0].get("id")) if items else ""
    lists = zip(_LISTS, (near, late, twins, others), strict=True)
    found: dict[str, Any] = {name: sorted(ids)[:_MOST] for name, ids in lists}
    number, seen = int(data.get("page", 1)), int(data.get("read", 0)) + len(items)
    return {**data, **found, "page": number, "read": seen, "mark": mark}


def _model(name: str) -> str:
    """A model as the provider names it."""
    return name.removeprefix("wavespeed/")


def _mark(data: Mapping[str, Any], item: Mapping[str, Any], task: str, made: float | None) -> str:
    """The id of another model's task, behind the model where a submit of ours may have made it."""
    model, offset = str(item.get("model")), float(data.get("offset", 0))
    begun = [at for name, at in data.get("pending", ()) if _model(name) == model]
    ours = made is not None and any(made >= at + offset - SKEW for at in begun)
    return f"{model} {task}" if ours else task


def _strangers(data: Mapping[str, Any]) -> list[str]:
    """Tasks of other models that no submit of ours can have made: one in doubt makes one at most."""
    left = [*data["twins"], *data["others"]]
    for name, _ in data.get("pending", ()):
        begins = f"{_model(name)} "
        ours = next((each for each in left if each.startswith(begins)), None)
        if ours is not None:
            left.remove(ours)
    return left


def _kinship(theirs: Any, ours: str) -> str:
    """`same` model, a `near` one (how the list spells a model is not promised), or neither."""
    if theirs == ours or not isinstance(theirs, str) or not theirs:
        return "same"
    return "near" if theirs.startswith(ours) or ours.startswith(theirs) else ""


def _is_read(
    before: Mapping[str, Any], now: Mapping[str, Any], items: Sequence[dict[str, Any]], reply: Reply
) -> bool:
    """Whether nothing on a later page can matter: the list ends, or all of it is older.

    A page that is not sorted proves nothing of what follows, a short one need not be the last, and
    a total may be that of a full page.
    """
    if not items:
        return True
    total = total_of(reply)
    short = len(items) < PAGE and before.get("mark") != now["mark"]
    if short and total is not None and now["read"] >= total:
        return True
    times = [made_at(item.get("created_at")) for item in items]
    known = [made for made in times if made is not None]
    down = all(later <= made + SKEW for made, later in pairwise(known))
    return down and len(known) == len(times) and known[-1] < _bounds(now)[0] - AROUND


def made_at(value: Any) -> float | None:
    """Seconds since the epoch of a time as providers write it; None when it is none."""
    try:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = float(value)
            return number / 1000 if number > _MILLISECONDS else number
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp() if found else None
    except (ValueError, OverflowError):
        return None


# the verdict


def _verdict(data: Mapping[str, Any]) -> Move:
    near, late, twins, others = data["near"], data["late"], data["twins"], _strangers(data)
    if not (near or late or twins):
        start, _, end = _bounds(data)
        when = f" (from {start:.0f} to {end:.0f})" if "offset" in data else ""
        proof = f"of {data['read']} listed tasks none was made by this submit{when}"
        return Void(proof, trail.anew(data))
    if len(near) == 1 and near[0] and not late and not others:
        return trail.accepted(near[0], data)
    alone = len(near) + len(late) + len(twins) == 1
    found = "one task may be its own" if alone else "several tasks may be its own"
    found += ", and others were at work with this key meanwhile" * bool(others)
    return _unknown(data, f"the submit went unanswered, and {found}")


def _unknown(data: Mapping[str, Any], said: str) -> Unknown:
    named = (task for name in _LISTS[:3] for task in data.get(name, ()))
    candidates = tuple(task.rpartition(" ")[2] for task in named if task)
    return Unknown(said, Cursor("history", trail.kept(data)), candidates)
