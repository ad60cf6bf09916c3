"""What a person may decide about a task that nobody can tell the outcome of, as data and events.

Pure: knows no ledger and no words for people but the names of the decisions.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from kinoform.core.classes import dataclass
from kinoform.core.money import text
from kinoform.core.types import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kinoform.core.tasks import Task, TaskState

How = Literal["adopt", "never-happened", "resubmit", "forget"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One way to settle: the states that it is for, the event that it writes, the word in it."""

    states: frozenset[TaskState]
    event: Literal["ack", "void", "settle"]
    how: str


_DOUBT: Final[frozenset[TaskState]] = frozenset({"unknown"})
DECISIONS: Final[Mapping[How, Decision]] = MappingProxyType(
    {
        "adopt": Decision(_DOUBT, "ack", "adopted"),
        "never-happened": Decision(_DOUBT, "void", "never-happened"),
        "resubmit": Decision(_DOUBT, "settle", "resubmit"),
        "forget": Decision(frozenset({"gone", "parked", "arrived"}), "settle", "forgotten"),
    }
)
# Waiting for a person: nothing goes on by itself.
STUCK: Final[frozenset[TaskState]] = frozenset({"unknown", "gone"})


def choices(task: Task) -> tuple[How, ...]:
    """The decisions that the state of a task allows."""
    return tuple(how for how, row in DECISIONS.items() if task.state in row.states)


def decided(task: Task, how: How, at: float, *, by: str = "", adopted: str = "") -> Event:
    """The event of a decision, at `at` seconds since the epoch. `adopted` is the provider's id."""
    row = DECISIONS[how]
    data: dict[str, Any] = {"intent": task.id, "how": row.how, "by": by}
    if how == "adopt":
        data |= {"task": adopted, "cursor": _running(task, adopted)}
    elif how == "resubmit" or (how == "forget" and task.state != "gone"):
        # It may have been billed: a ceiling counts it.
        data |= dict.fromkeys(("paid", "assumed"), text(task.estimate))
    elif how == "never-happened":
        data["why"] = f"{by or 'somebody'} says that it never happened"
    return Event(at, task.run, task.project, row.event, task.step, task.take, task.key, data)


def _running(task: Task, adopted: str) -> dict[str, Any]:
    """Where the provider goes on from: what it noted, and the task to ask for."""
    known = task.data.get("cursor", {}).get("data", {})
    return {"stage": "running", "data": {**known, "task": adopted}}


def holder(tasks: Iterable[Task], provider: str, name: str) -> Task | None:
    """The task that a provider's id belongs to already, if there is one."""
    return next((t for t in tasks if t.task == name and t.provider == provider), None)
