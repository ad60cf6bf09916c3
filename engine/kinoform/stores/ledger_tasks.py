"""The tables of tasks, kept in step with the events inside the caller's transaction.

Runs the statements; what a task is and when it may move is `task_rows`'s and `core.tasks`'s.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from kinoform.core.tasks import KINDS, is_task
from kinoform.core.types import Event
from kinoform.stores import ledger_sql
from kinoform.stores.task_rows import fixed, from_text, moved, moving, named

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from kinoform.core.tasks import Cap, Task


def event_of(row: tuple[Any, ...]) -> Event:
    """The event of a row: seq, then the columns in their order. Raises ValueError."""
    seq, at, run, project, kind, step, take, key, text = row
    try:
        return Event(at, run, project, kind, step, take, key, json.loads(text), seq)
    except (ValueError, TypeError) as error:
        raise ValueError(f"event {seq} cannot be read: {str(error)[:200]}") from error


def look(db: sqlite3.Connection, keys: Collection[str] | None) -> tuple[Task, ...]:
    """The tasks of these keys, or all, in the order of their intents. Raises RecordError."""
    if keys is None:
        rows = db.execute(ledger_sql.TASKS)
    else:
        rows = db.execute(ledger_sql.TASKS_OF_KEYS, (json.dumps(list(keys)),))
    return tuple(from_text(text) for (text,) in rows)


def look_open(db: sqlite3.Connection) -> tuple[Task, ...]:
    """Those that are open, in the order of their intents. Raises RecordError."""
    return tuple(from_text(text) for (text,) in db.execute(ledger_sql.OPEN_TASKS))


def spent(db: sqlite3.Connection, caps: Iterable[Cap]) -> dict[Cap, int]:
    """Nano-USD that are paid or reserved under each cap. Raises ValueError."""
    return {cap: _amount(db, cap) for cap in named(caps)}


def write(db: sqlite3.Connection, events: Sequence[Event], first: int) -> None:
    """Move the tasks of these events, the first of which has the number `first`.

    Raises IllegalMoveError, RecordError and ValueError: the caller rolls back.
    """
    numbers = _numbers(enumerate(events, first))
    if not numbers:
        return
    rows = db.execute(ledger_sql.TASKS_BY_ID, (json.dumps(list(numbers)),))
    known = {task.id: task for task in (from_text(text) for (text,) in rows)}
    after = moved(events, known, _crowd(db, events))
    fresh = [_row(numbers[name], task) for name, task in after.items() if name not in known]
    later = [(*moving(task), name) for name, task in after.items() if name in known]
    db.executemany(ledger_sql.INSERT_TASK, fresh)
    db.executemany(ledger_sql.UPDATE_TASK, later)


def rebuild(db: sqlite3.Connection) -> bool:
    """Fill the tables anew from the events; True if they held just that already.

    Raises ValueError for events that lead nowhere.
    """
    rows = _derived(db)
    same = db.execute(ledger_sql.ALL_TASK_ROWS).fetchall() == rows
    differ = [db.execute(query).fetchone() for query in ledger_sql.DIFFER_SPENT]
    if same and not any(differ):
        return True
    for statement in ledger_sql.CLEAR_TASKS:
        db.execute(statement)
    db.executemany(ledger_sql.INSERT_TASK, rows)
    return False


def create(db: sqlite3.Connection) -> None:
    """Make the tables in a ledger that has none, and fill them. Raises ValueError."""
    for statement in ledger_sql.CREATE_TASK:
        db.execute(statement)
    rebuild(db)


def _amount(db: sqlite3.Connection, cap: Cap) -> int:
    row = db.execute(ledger_sql.SPENT, (cap.scope, cap.name)).fetchone()
    return row[0] if row else 0


def _crowd(db: sqlite3.Connection, events: Iterable[Event]) -> Counter[str]:
    """How many open tasks the keys of these intents have."""
    keys = [event.key for event in events if event.kind == "intent"]
    return Counter(dict(db.execute(ledger_sql.CROWD, (json.dumps(keys),)))) if keys else Counter()


def _derived(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """The rows that the events lead to. What was written stands, so nothing asks for a free key."""
    found = db.execute(ledger_sql.TASK_EVENTS, (json.dumps(sorted(KINDS)),))
    events = list(filter(is_task, map(event_of, found)))
    numbers = _numbers((event.seq, event) for event in events)
    return [_row(numbers[name], task) for name, task in moved(events, {}, None).items()]


def _numbers(events: Iterable[tuple[int, Event]]) -> dict[str, int]:
    """The number of the first event of each task: that of its intent, if it is a legal one."""
    numbers: dict[str, int] = {}
    for seq, event in events:
        if is_task(event):
            numbers.setdefault(str(event.data["intent"]), seq)
    return numbers


def _row(seq: int, task: Task) -> tuple[Any, ...]:
    return seq, *fixed(task), *moving(task)
