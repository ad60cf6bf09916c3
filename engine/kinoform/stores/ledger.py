"""The user's ledger in one SQLite file: events that are only ever added; results and tasks by key.

What events mean is said in `core.ledger` and `core.tasks`; here is what one transaction holds.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager, suppress
from itertools import repeat
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import finalize

from kinoform.core import canon
from kinoform.core.gists import gists
from kinoform.core.ledger import (
    SCHEMA,
    RecordError,
    durable,
    from_record,
    key_of,
    schema_of,
)
from kinoform.stores import ledger_file, ledger_sql, ledger_tasks
from kinoform.stores.task_rows import sift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from kinoform.core.tasks import Cap, Task
    from kinoform.core.types import Event, Gist, Result

_PAGE: Final = 1_000  # events or records fetched at once: more take time to find memory for
_FEW: Final = 2  # a look-up takes as long as reading so many records in a row


class SqliteLedger:
    """A `ports.Ledger` in the file `path`. Opening raises EnvError unless the file is whole and ours.

    With `read_only` nothing is made or changed, and a file that is not there yet reads as empty.
    Otherwise a file of an older format is brought to the present one. Safe to share between threads,
    whose writers take turns, each for a whole transaction; not across a fork. A writer may have to
    wait for those of other processes, up to 30 s.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path.absolute()
        self._read_only = read_only
        self._lock, self._aside = RLock(), RLock()
        self._second: sqlite3.Connection | None = None
        self._stopped = False
        self._synced: bool | None = None
        self._known = ledger_tasks.Known()
        self._version = SCHEMA
        if not read_only:
            ledger_file.make(self.path)
        # Asked before the file is opened, because opening it starts a log.
        unclean = not read_only and ledger_file.log_size(self.path) > 0
        with self._faults():
            self._db = ledger_file.connect(self.path, read_only=read_only)
        # A log that is left beside the file is written into it by the next command, which then
        # changes what it looks at and can keep no answer.
        finalize(self, self._db.close)
        try:
            with self._faults():
                self._version = ledger_file.inspect(self._db, self.path, unclean=unclean)
                # On macOS a plain fsync leaves bytes in the drive's cache; elsewhere nothing changes.
                self._db.execute("PRAGMA fullfsync = ON")
                if not read_only:
                    ledger_file.use_log(self._db, self.path)  # a restored copy has none
            if not read_only and self._version < SCHEMA:
                self._upgrade()
        except BaseException:
            self._db.close()
            raise

    def append(self, events: Sequence[Event]) -> None:
        """Write all or nothing, synced to disk if one of them is about money.

        Raises EnvError; IllegalMoveError for what its task does not allow, also for an intent whose
        key has an open task; ValueError for data that is not JSON or, in a `result`, not a record.
        """
        rows = list(map(_row, events))
        if not rows:
            return
        with self._lock, self._writing(synced=any(map(durable, events))) as db:
            self._write(db, events, rows)

    def admit(self, intents: Sequence[Event], caps: Sequence[Cap]) -> Mapping[str, Cap]:
        """Write the intents that fit under every cap, synced; intent id -> cap for the others.

        Raises EnvError, IllegalMoveError (for one whose key has an open task) and ValueError: then
        none is written.
        """
        if not intents:
            return {}
        with self._lock, self._writing(synced=True) as db:
            fit, refused = sift(intents, ledger_tasks.spent(db, caps))
            self._write(db, fit, list(map(_row, fit)))
        return refused

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys, in one query; the latest record of a key counts."""
        wanted = json.dumps(list(keys))
        found: dict[str, Result] = {}
        with self._reading() as db, self._readable():
            rows = db.execute(ledger_sql.RESULTS, (wanted,))
            while texts := [text for (text,) in rows.fetchmany(_PAGE)]:
                found.update((result.key, result) for result in _records(texts))
        return found

    def gists(self, keys: Collection[str]) -> dict[str, Gist]:
        """What plans read of these results, in a fraction of the time."""
        wanted = {*keys}
        found: dict[str, Gist] = {}
        with self._reading() as db, self._readable():
            rows = _recorded(db, keys)
            while page := rows.fetchmany(_PAGE):
                found |= gists([row for row in page if row[0] in wanted])
        return found

    def heads(self, project: str) -> dict[tuple[str, int], str]:
        """(step id, take) to the key that this project last had there."""
        with self._reading() as db:
            return _heads(db, project)

    def tasks(self, keys: Collection[str] | None = None) -> tuple[Task, ...]:
        """The tasks of these keys, or all there ever were, in the order of their intents."""
        with self._reading() as db, self._readable():
            return ledger_tasks.look(db, keys) if self._has_tasks(db) else ()

    def open_tasks(self) -> tuple[Task, ...]:
        """The tasks that the provider may still have or get, in the order of their intents."""
        with self._reading() as db, self._readable():
            return ledger_tasks.look_open(db) if self._has_tasks(db) else ()

    def events(self, run: str = "") -> Iterator[Event]:
        """All events in order, or those of one run, read in pages: others may write meanwhile."""
        statement = ledger_sql.EVENTS_OF_RUN if run else ledger_sql.EVENTS
        chosen = (run,) if run else ()
        last = 0
        while True:
            with self._reading() as db:
                rows = db.execute(statement, (last, *chosen, _PAGE)).fetchall()
            for row in rows:
                yield self._event(row)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def rebuild(self) -> bool:
        """Fill the derived tables anew from the events; True if they held just that already."""
        with self._lock, self._writing(synced=True) as db:
            differ = [db.execute(query).fetchone() for query in ledger_sql.DIFFER]
            for statement in ledger_sql.REBUILD:
                db.execute(statement)
            self._known.forget()
            with self._whole():
                same = ledger_tasks.rebuild(db)
        return same and not any(differ)

    def close(self) -> None:
        """Let go of the file. Closing twice is fine."""
        with self._lock, self._aside:
            self._db.close()
            if self._second is not None:
                self._second.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(
        self, db: sqlite3.Connection, events: Sequence[Event], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Add events, their rows as made by `_row`, and bring what is derived up to them."""
        (last,) = db.execute(ledger_sql.LAST).fetchone()
        ledger_tasks.many(db, ledger_sql.insert_events, rows)
        # Each statement lets other threads go first, which may take longer than the statement.
        for derive, kinds in ledger_sql.DERIVE:
            if any(event.kind in kinds for event in events):
                db.execute(derive, (last,))
        with self._readable():
            texts = [row[-1] for row in rows]
            ledger_tasks.write(db, events, texts, last + 1, self._known)

    def _upgrade(self) -> None:
        """In one transaction, and by one process: another may have been faster."""
        with self._writing(synced=True) as db:
            if self._version < SCHEMA:
                with self._whole():
                    ledger_tasks.create(db)
                db.execute(f"PRAGMA user_version = {SCHEMA}")
        self._version = SCHEMA

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to look with.

        While another thread's transaction is on its way to the disk, that is one of its own: it sees
        what stands, and waits for nobody.
        """
        if self._lock.acquire(blocking=False):
            try:
                with self._faults():
                    yield self._db
            finally:
                self._lock.release()
            return
        with self._aside, self._faults():
            if self._second is None:
                self._second = ledger_file.connect(self.path, read_only=True)
                finalize(self, self._second.close)
            yield self._second

    @contextmanager
    def _writing(self, *, synced: bool) -> Iterator[sqlite3.Connection]:
        """One write transaction. `synced`: on the disk itself when it ends.

        One connection whose `synchronous` is set per batch, rather than a second connection: a sync
        covers the whole log, so a synced batch carries every unsynced one before it to the disk too,
        and each connection costs an open, a cache and a share of the log's locks.
        """
        self._refuse_closed()
        with self._faults():
            if synced != self._synced:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
                self._synced = synced
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._refuse_newer()
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                self._known.forget()
                # After a failed write or sync the kernel may have dropped the page: a second try
                # could succeed without the bytes being there.
                code = getattr(error, "sqlite_errorcode", 0)
                self._stopped = code & 0xFF == sqlite3.SQLITE_IOERR
                with suppress(sqlite3.Error):  # where the disk failed it is rolled back already
                    self._db.execute("ROLLBACK")
                raise

    def _refuse_closed(self) -> None:
        if self._read_only:
            message, hint = "the ledger was opened to look only", "open it for writing"
            raise ledger_file.error(self.path, "ledger-read-only", message, hint)
        if self._stopped:
            message = "the disk refused a record, so nothing more is recorded or spent"
            hint = "check the disk, then run again"
            raise ledger_file.error(self.path, "ledger-stopped", message, hint)

    def _refuse_newer(self) -> None:
        """Inside the transaction, because a newer version may have written since we opened."""
        (claimed,) = self._db.execute("PRAGMA user_version").fetchone()
        (written,) = self._db.execute(ledger_sql.NEWER, (SCHEMA,)).fetchone()
        self._version = max(claimed, written or 0)
        if self._version > SCHEMA:
            raise ledger_file.newer(self.path, self._version)

    def _has_tasks(self, db: sqlite3.Connection) -> bool:
        """Asked until it is so: another process may bring an old file up to date while we look."""
        if self._version < SCHEMA:
            (claimed,) = db.execute("PRAGMA user_version").fetchone()
            return int(claimed) >= SCHEMA
        return True

    def _event(self, row: tuple[Any, ...]) -> Event:
        with self._whole():
            return ledger_tasks.event_of(row)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """A record that cannot be read as a fault of the ledger."""
        try:
            yield
        except RecordError as error:
            message = f"a record cannot be read: {str(error)[:200]}"
            raise ledger_file.error(
                self.path, "ledger-record", message, "update kinoform"
            ) from error

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Events that cannot be read, or lead nowhere, as a damaged ledger."""
        try:
            yield
        except ValueError as error:
            raise ledger_file.broken(self.path, str(error)[:240]) from error

    def _faults(self) -> Any:
        return ledger_file.faults(self.path, self._version)


def _recorded(db: sqlite3.Connection, keys: Collection[str]) -> sqlite3.Cursor:
    """Key and text of the records of these keys; of all records where to read them takes less."""
    (most,) = db.execute(ledger_sql.RECORDS).fetchone()
    if most > _FEW * len(keys):
        return db.execute(ledger_sql.RECORDS_OF_KEYS, (json.dumps(list(keys)),))
    return db.execute(ledger_sql.ALL_RECORDS)


def _heads(db: sqlite3.Connection, project: str) -> dict[tuple[str, int], str]:
    """Those of first takes together, as most are, where no name holds a comma, as none does today."""
    count, steps, keys = db.execute(ledger_sql.FIRST_HEADS, (project,)).fetchone()
    names, firsts = (steps or "").split(","), (keys or "").split(",")
    if not len(names) == len(firsts) == count:
        rows = db.execute(ledger_sql.HEADS, (project,))
        return {(step, take): key for step, take, key in rows}
    found = dict(zip(zip(names, repeat(1)), firsts, strict=True))
    rows = db.execute(ledger_sql.LATER_HEADS, (project,))
    return found | {(step, take): key for step, take, key in rows}


def _records(texts: Sequence[str]) -> Iterator[Result]:
    """The results that these texts tell. Raises RecordError."""
    try:
        yield from map(from_record, _told(texts))
    except (ValueError, TypeError) as error:
        raise RecordError(str(error)) from error


def _told(texts: Sequence[str]) -> Iterable[Any]:
    """What is written in each text: read as one, and by itself where one of them is not sound."""
    with suppress(ValueError):
        told: list[Any] = json.loads(f"[{','.join(texts)}]")
        if len(told) == len(texts):
            return told
    return map(json.loads, texts)


def _row(event: Event) -> tuple[Any, ...]:
    """The columns of an event, in the order of `insert_events`. Raises ValueError."""
    e, data = event, event.data
    if e.kind == "result" and key_of(data) != e.key:
        raise ValueError(f"the record's key is not the event's: {e.key[:80]}")
    try:
        text = data.text if isinstance(data, canon.Written) else canon.dumps(dict(data))
    except TypeError as error:
        raise ValueError(str(error)) from error
    return (e.at, e.run, e.project, e.kind, e.step, e.take, e.key, schema_of(data), text)
