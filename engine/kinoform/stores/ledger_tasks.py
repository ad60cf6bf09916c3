"""The tables of tasks, kept in step with the events inside the caller's transaction.

Runs the statements; what a task is and when it may move is `task_rows`'s and `core.tasks`'s.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.tasks import KINDS, is_task
from kinoform.core.types import Event
from kinoform.stores import ledger_sql
from kinoform.stores.task_rows import Told, fixed, from_text, moved, moving, named, told

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from kinoform.core.tasks import Cap, Task

# Rows that one statement adds, as far as it takes so many values: some SQLite take no more. Of a
# few sizes, because to read a statement of a size that is new takes longer than to run it.
_SIZES: Final = (96, 64, 32, 16, 8, 4, 2, 1)
_VALUES: Final = 999


class Known:
    """The open tasks that this connection has written: not read again until another one writes."""

    def __init__(self) -> None:
        self._version = 0
        self._told: dict[str, Told] = {}

    def among(self, db: sqlite3.Connection, names: Collection[str]) -> dict[str, Told]:
        """Those of these ids that there are now. Within a transaction; raises RecordError."""
        (version,) = db.execute(ledger_sql.DATA_VERSION).fetchone()
        if version != self._version:
            self.forget()
            self._version = version
        found = {name: self._told[name] for name in names if name in self._told}
        others = json.dumps([name for name in names if name not in found])
        rows = db.execute(ledger_sql.TASKS_BY_ID, (others,)) if len(found) < len(names) else ()
        tasks = (from_text(text) for (text,) in rows)
        return found | {task.id: Told(task) for task in tasks}

    def keep(self, told: Mapping[str, Told]) -> None:
        """Remember these as they are now."""
        for name, each in told.items():
            if each.task.is_open:
                self._told[name] = each
            else:
                self._told.pop(name, None)

    def forget(self) -> None:
        """Remember none: what was written is taken back, or another connection has written."""
        self._told.clear()


def many(
    db: sqlite3.Connection, statement: Callable[[int], str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Run a statement made for so many rows: each that is run lets another thread go first."""
    start = 0
    for size in _SIZES:
        while start + size <= len(rows) and size * len(rows[start]) <= _VALUES:
            some = rows[start : start + size]
            db.execute(statement(size), list(chain.from_iterable(some)))
            start += size


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


def write(
    db: sqlite3.Connection, events: Sequence[Event], texts: Sequence[str], first: int, known: Known
) -> None:
    """Move the tasks of these events, the first of which has the number `first`.

    `texts` are the events' data as canonical text. Raises IllegalMoveError, RecordError and
    ValueError: the caller rolls back, and `known` must forget.
    """
    numbers = _numbers(enumerate(events, first))
    if not numbers:
        return
    before = known.among(db, numbers)
    tasks = {name: each.task for name, each in before.items()}
    after = told(moved(events, tasks, _crowd(db, events)), before, zip(events, texts, strict=True))
    rows = [
        _row(None if name in before else numbers[name], each.task, each.text)
        for name, each in after.items()
    ]
    many(db, ledger_sql.put_tasks, rows)
    turned: dict[bool, list[str]] = {}
    for name, was in before.items():
        is_open = after[name].task.is_open
        if is_open != was.task.is_open:
            turned.setdefault(is_open, []).append(name)
    for is_open, names in turned.items():
        db.execute(ledger_sql.TURN_TASKS, (is_open, json.dumps(names)))
    known.keep(after)


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
    many(db, ledger_sql.put_tasks, rows)
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


def _row(seq: int | None, task: Task, data: str = "") -> tuple[Any, ...]:
    """The row of a task; without a number for one that is there already, which keeps its own."""
    return seq, *fixed(task), *moving(task, data)
