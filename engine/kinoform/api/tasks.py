"""Paid work of one user: which tasks there are, which one is meant, and settling one by hand.

Reads and writes the ledger only: no pipeline is opened, so that a broken or deleted one hides
nothing that was paid for.
"""

from __future__ import annotations

import getpass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from kinoform.api.setting import located
from kinoform.core import costs, settling
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError
from kinoform.core.tasks import IllegalMoveError, advance
from kinoform.core.words import short
from kinoform.views.pending import said as state_said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from kinoform.api.home import Home
    from kinoform.core.tasks import Task
    from kinoform.core.types import Event

SHOWN: Final = 8  # hex digits of an intent that people see
_LONGEST: Final = 200
_NEAR: Final = 4
_DRAFT: Final = "#draft"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person decided: `how`, their name, and the provider's id where a task is adopted."""

    how: settling.How
    by: str = ""
    task: str = ""


def scope(path: Path, known: Iterable[str] = ()) -> str:
    """The name that the tasks of a project are recorded under.

    A folder without a pipeline counts if it is one of the `known` names: what was paid there
    outlives the file. Raises UsageError (`no-pipeline`).
    """
    try:
        return str(located(path)[0].resolve())
    except UsageError:
        name = str(path.resolve())
        if name in known:
            return name
        raise


def pending(home: Home, project: str = "") -> tuple[Task, ...]:
    """Tasks without an end, and those whose results are lost, of one project or of all."""
    tasks = (t for t in home.ledger.tasks() if t.is_open or t.state == "gone")
    return tuple(t for t in tasks if project in ("", t.project))


def named(tasks: Iterable[Task], words: Sequence[str]) -> tuple[Task, ...]:
    """Those that some word means: a step, an instance, an item, a glob, or the begin of an id."""
    return tuple(t for t in tasks if not words or any(_means(word, t) for word in words))


def _means(word: str, task: Task) -> bool:
    name, _, item = task.step.partition("@")
    begins = len(word) >= _NEAR and task.id.startswith(word)
    return begins or word in (name, item) or fnmatchcase(task.step, word)


def spent(
    home: Home, day: Callable[[float], str], project: str = "", words: Sequence[str] = ()
) -> list[costs.Spent]:
    """Every attempt to buy something and what it came to, in order of time; drafts are free.

    Hosted results that no task tells of (older versions wrote none) count by themselves.
    """
    tasks = (t for t in home.ledger.tasks() if _mine(t.project, project))
    made = [costs.of_task(t, day) for t in named(tasks, words)]
    old = (e for e in home.ledger.events() if _mine(e.project, project) and costs.alone(e))
    made += [costs.of_result(e, day) for e in old if _says(e, words)]
    return sorted(made, key=lambda each: each.at)


def _mine(project: str, wanted: str) -> bool:
    return not project.endswith(_DRAFT) and wanted in ("", project)


def _says(event: Event, words: Sequence[str]) -> bool:
    name, _, item = event.step.partition("@")
    return not words or any(w in (name, item) or fnmatchcase(event.step, w) for w in words)


def find(tasks: Sequence[Task], begin: str) -> Task:
    """The one task whose id begins so. Raises UsageError naming the near ones."""
    word = begin.strip().lower()
    found = [t for t in tasks if word and t.id.startswith(word)]
    if len(found) == 1:
        return found[0]
    if found:
        said = f"{len(found)} tasks begin with {short(word)}"
        raise UsageError(Problem("ambiguous-task", said, hint=_names("one of", found)))
    near = get_close_matches(word[:SHOWN], [t.id[:SHOWN] for t in tasks], _NEAR, 0.5)
    close = [t for t in tasks if t.id[:SHOWN] in near] or [t for t in tasks if not t.is_open][-1:]
    hint = _names("did you mean", close) if near else "kinoform pending lists them"
    raise UsageError(Problem("no-such-task", f"no task begins with {short(begin)!r}", hint=hint))


def _names(lead: str, tasks: Sequence[Task]) -> str:
    ids = [f"{_told_apart(t, tasks)} ({t.step})" for t in tasks[:_NEAR]]
    return f"{lead} {', '.join(ids)}{' …' if len(tasks) > _NEAR else ''}"


def _told_apart(task: Task, tasks: Sequence[Task]) -> str:
    """The id, as long as it takes to tell it from the others."""
    lengths = range(SHOWN, len(task.id) + 1)
    alone = (n for n in lengths if sum(t.id[:n] == task.id[:n] for t in tasks) == 1)
    return task.id[: next(alone, len(task.id))]


def judge(tasks: Sequence[Task], task: Task, settlement: Settlement) -> None:
    """Raises UsageError for what the state of the task, or another task, does not allow."""
    if settlement.how not in settling.choices(task):
        raise _refused(task, settlement.how)
    if settlement.how != "adopt":
        return
    name = settlement.task
    if not name or len(name) > _LONGEST or not name.isprintable() or name.split() != [name]:
        raise UsageError(Problem("bad-task-id", f"{short(name)!r} is no task id"))
    other = settling.holder(tasks, task.provider, name)
    if other is not None and other.id != task.id:
        said = f"task {short(name)} is that of {other.step} already ({other.id[:SHOWN]})"
        raise UsageError(Problem("task-taken", said, hint="look for another one at the provider"))


def _refused(task: Task, how: str) -> UsageError:
    allowed = settling.choices(task)
    said = f"{task.step} ({task.id[:SHOWN]}) is not for --{how}: {state_said(task)}"
    if allowed:
        hint = f"what can be said is {' or '.join(f'--{each}' for each in allowed)}"
    elif task.is_open:
        hint = "kinoform resume goes on with it, and asks the provider first"
    else:
        hint = "there is nothing left to decide"
    return UsageError(Problem("not-to-settle", said, hint=hint))


def settle(
    home: Home, begin: str, settlement: Settlement, now: float, on_wait: Callable[[str], None]
) -> Task:
    """Write down what a person decided; the task after it.

    Waits for whoever works on the same key, and looks again once it is free. Raises UsageError,
    EnvError.
    """
    key = find(home.ledger.tasks(), begin).key
    with home.locks.hold(key, on_wait):
        tasks = home.ledger.tasks()
        task = find(tasks, begin)
        judge(tasks, task, settlement)
        event = settling.decided(
            task, settlement.how, now, by=settlement.by, adopted=settlement.task
        )
        try:
            after = advance(task, event)
            home.ledger.append([event])
        except IllegalMoveError:  # somebody was faster, without the lock
            raise _refused(task, settlement.how) from None
    return after


def person() -> str:
    """The name of who sits here, as the system has it; "" where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
