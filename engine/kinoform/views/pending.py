"""Paid or possibly paid work without a result, as rows, as advice and as one document. Pure."""

from __future__ import annotations

import shlex
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from kinoform.core.money import dollars, text
from kinoform.core.settling import STUCK, choices
from kinoform.core.tasks import TaskState
from kinoform.views.fields import VERSIONED
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.core.tasks import Task
    from kinoform.views.fields import Fields

VERSION = 1
HEAD = ("id", "step", "state", "provider", "task", "price", "age", "project")
RIGHT = ("price", "age")
_SHOWN = 8
_STATES = {
    "intended": "submit begun, no answer yet",
    "unknown": "submitted: outcome unknown",
    "running": "running at {provider}",
    "parked": "parked: still at {provider}",
    "arrived": "results ready, not downloaded",
    "gone": "paid and lost",
}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_ADOPTED = "TASK"  # stands for an id where there are many candidates, or none
_CANDIDATES = 5


def said(task: Task) -> str:
    """The state of a task in plain words."""
    return _STATES.get(task.state, task.state).format(provider=task.provider)


def rows(tasks: Sequence[Task], now: float, *, projects: bool) -> Iterator[tuple[str, ...]]:
    """One for each task; with `projects` where it belongs to."""
    for task in tasks:
        yield (
            task.id[:_SHOWN],
            _ident(task),
            said(task),
            task.provider,
            task.task,
            _price(task),
            _age(now - task.begun),
            task.project if projects else "",
        )


def _ident(task: Task) -> str:
    return f"{task.step}#{task.take}" if task.take > 1 else task.step


def _price(task: Task) -> str:
    if task.paid:
        return f"{dollars(task.paid)} paid"
    if task.reserved:
        return f"{dollars(task.reserved)} reserved"
    return f"{dollars(task.estimate)} estimated"


def _age(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def counts(tasks: Sequence[Task]) -> dict[str, int]:
    """How many are in each state that can be pending, all named."""
    found = Counter(task.state for task in tasks)
    return {state: found[state] for state in get_args(TaskState) if state in _STATES}


def stuck(tasks: Sequence[Task]) -> bool:
    """Whether some of it waits for a person's decision."""
    return any(task.state in STUCK for task in tasks)


def headline(tasks: Sequence[Task]) -> str:
    """The sum in a line."""
    if not tasks:
        return "nothing is pending"
    held = sum(task.reserved for task in tasks)
    lost = sum(task.paid or task.estimate for task in tasks if task.state == "gone")
    parts = [many(len(tasks), "task")]
    parts += [f"{dollars(held)} reserved"] if held else []
    parts += [f"{dollars(lost)} paid and lost"] if lost else []
    return ", ".join(parts)


def advice(tasks: Sequence[Task], path: str) -> Iterator[str]:
    """What is known of those that nobody can tell, and the commands that go on.

    `path` is the project as it was asked for; "" names each project by its folder.
    """
    for task in tasks:
        if task.state == "unknown":
            yield _doubt(task)
    for project in dict.fromkeys(t.project for t in tasks if t.state not in STUCK):
        yield f"go on with: {shlex.join(['kinoform', 'resume', path or project])}"
    for task in tasks:
        if task.state in STUCK:
            yield f"decide on {_ident(task)} by one of these:"
            yield from (f"  {line}" for line in settle_lines(task))


def _doubt(task: Task) -> str:
    found = candidates(task)
    begin, end = window(task)
    when = f"submitted between {_clock(begin)} and {_clock(end)}" if end else _clock(begin)
    which = f"it may be {_alternatives(found)}" if found else "no candidate is known"
    return f"{task.id[:_SHOWN]} {_ident(task)}: {when}; {which}"


def _alternatives(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else f"one of {many(len(found), 'task')} of the provider's"


def settle_lines(task: Task) -> Iterator[str]:
    """The commands that decide on a task, each to be copied as it is; one for each candidate."""
    found = candidates(task)
    named = found if 0 < len(found) <= _CANDIDATES else [_ADOPTED]
    for how in choices(task):
        words = [["--adopt", name] for name in named] if how == "adopt" else [[f"--{how}"]]
        for each in words:
            yield shlex.join(["kinoform", "settle", task.id[:_SHOWN], *each])


def candidates(task: Task) -> list[str]:
    """Ids at the provider that the task may have."""
    return [str(name) for name in task.data.get("candidates") or ()]


def window(task: Task) -> tuple[float, float | None]:
    """When the submit can have left, in seconds since the epoch; None: until when is not known."""
    sent = task.data.get("cursor", {}).get("data", {}).get("sent")
    return task.begun, float(sent) if isinstance(sent, int | float) and sent > 0 else None


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


FIELDS: Fields = {
    **VERSIONED,
    "project": "string or null: its folder; null for all of a user's",
    "counts": "map: how many tasks are in each state, all named",
    "counts.NAME": "integer: in this state",
    "tasks": "list: paid or possibly paid work without a result, the oldest first",
    "tasks[].intent": "string: its id here, for `settle`",
    "tasks[].step": "string: id of the instance",
    "tasks[].take": "integer: from 1",
    "tasks[].state": "string: intended, unknown, running, parked, arrived or gone",
    "tasks[].said": "string: the state in words",
    "tasks[].provider": "string: who was asked",
    "tasks[].model": "string: the full model id",
    "tasks[].task": "string or null: its id at the provider, if known",
    "tasks[].estimate": "money: what it should cost",
    "tasks[].reserved": "money: held for it in the budget",
    "tasks[].paid": "money: as the provider told it",
    "tasks[].begun": "string: UTC, as in 2026-11-27T12:00:00Z",
    "tasks[].moved": "string: UTC, when something was last heard of it",
    "tasks[].age": "number: seconds since it was begun",
    "tasks[].project": "string: folder of its project",
    "tasks[].run": "string: the run that began it",
    "tasks[].window": "map or null: when an unknown submit can have left",
    "tasks[].window.from": "string: UTC",
    "tasks[].window.to": "string or null: UTC; null where that is not known",
    "tasks[].candidates": "list of string: ids at the provider that it may have",
    "tasks[].why": "string or null: what went wrong",
    "tasks[].settle": "list of string: decisions that are open, as options of `settle`",
}


def document(tasks: Sequence[Task], now: float, project: str) -> Mapping[str, Any]:
    """As `FIELDS` says; `project` is empty for all of a user's."""
    return {
        "version": VERSION,
        "project": project or None,
        "counts": counts(tasks),
        "tasks": [_entry(task, now) for task in tasks],
    }


def _entry(task: Task, now: float) -> dict[str, Any]:
    begin, end = window(task)
    return {
        "intent": task.id,
        "step": task.step,
        "take": task.take,
        "state": task.state,
        "said": said(task),
        "provider": task.provider,
        "model": task.model,
        "task": task.task or None,
        "estimate": text(task.estimate),
        "reserved": text(task.reserved),
        "paid": text(task.paid),
        "begun": _iso(task.begun),
        "moved": _iso(task.moved),
        "age": round(max(now - task.begun, 0.0), 3),
        "project": task.project,
        "run": task.run,
        "window": {"from": _iso(begin), "to": _iso(end)} if task.state == "unknown" else None,
        "candidates": candidates(task),
        "why": str(task.data.get("why") or "") or None,
        "settle": list(choices(task)),
    }
