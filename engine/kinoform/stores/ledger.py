"""The user's ledger in one SQLite file: events that are only ever added, and results by key.

Knows records as text and never what they cost; the meaning of events is `core.ledger`'s.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Self

from kinoform.core import canon
from kinoform.core.ledger import SCHEMA, durable, from_record, schema_of
from kinoform.core.types import Event
from kinoform.stores import ledger_file, ledger_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from kinoform.core.types import Result

_PAGE: Final = 1_000  # events fetched at once


class SqliteLedger:
    """A `ports.Ledger` in the file `path`. Opening raises EnvError unless the file is whole and ours.

    With `read_only` nothing is made or changed, and a file that is not there yet reads as empty.
    Safe to share between threads, not across a fork.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path.absolute()
        self._read_only = read_only
        self._lock = RLock()
        self._stopped = False
        self._version = SCHEMA
        if not read_only:
            ledger_file.make(self._path)
        # Asked before the file is opened, because opening it starts a log.
        unclean = not read_only and ledger_file.log_size(self._path) > 0
        with self._faults():
            self._db = ledger_file.connect(self._path, read_only=read_only)
        try:
            with self._faults():
                self._version = ledger_file.inspect(self._db, self._path, unclean=unclean)
                # On macOS a plain fsync leaves bytes in the drive's cache; elsewhere nothing changes.
                self._db.execute("PRAGMA fullfsync = ON")
        except BaseException:
            self._db.close()
            raise

    def append(self, events: Sequence[Event]) -> None:
        """Write all or nothing, synced to disk if one of them is about money.

        Raises EnvError; ValueError for data that is not JSON or, in a `result`, not a record.
        """
        rows = [_row(event) for event in events]
        results = [
            (event.key, row[-1])
            for event, row in zip(events, rows, strict=True)
            if event.kind == "result"
        ]
        heads = [(e.project, e.step, e.take, e.key) for e in events if e.kind in {"result", "head"}]
        if not rows:
            return
        with self._lock, self._writing(synced=any(map(durable, events))) as db:
            db.executemany(ledger_sql.INSERT_EVENT, rows)
            db.executemany(ledger_sql.INSERT_RESULT, results)
            db.executemany(ledger_sql.INSERT_HEAD, heads)

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys, in one query; the latest record of a key counts."""
        wanted = json.dumps(list(keys))
        found = {}
        with self._lock, self._faults():
            for (text,) in self._db.execute(ledger_sql.RESULTS, (wanted,)):
                result = self._result(text)
                found[result.key] = result
        return found

    def heads(self, project: str) -> dict[tuple[str, int], str]:
        """(step id, take) to the key that this project last had there."""
        with self._lock, self._faults():
            rows = self._db.execute(ledger_sql.HEADS, (project,)).fetchall()
        return {(step, take): key for step, take, key in rows}

    def events(self, run: str = "") -> Iterator[Event]:
        """All events in order, or those of one run, read in pages: others may write meanwhile."""
        statement = ledger_sql.EVENTS_OF_RUN if run else ledger_sql.EVENTS
        chosen = (run,) if run else ()
        last = 0
        while True:
            with self._lock, self._faults():
                rows = self._db.execute(statement, (last, *chosen, _PAGE)).fetchall()
            for row in rows:
                yield self._event(row)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def rebuild(self) -> bool:
        """Fill `result` and `head` anew from the events; True if they held just that already."""
        with self._lock, self._writing(synced=True) as db:
            differ = [db.execute(query).fetchone() for query in ledger_sql.DIFFER]
            for statement in ledger_sql.REBUILD:
                db.execute(statement)
        return not any(differ)

    def close(self) -> None:
        """Let go of the file. Closing twice is fine."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self, *, synced: bool) -> Iterator[sqlite3.Connection]:
        """One write transaction. `synced`: on the disk itself when it ends.

        One connection whose `synchronous` is set per batch, rather than a second connection: a sync
        covers the whole log, so a synced batch carries every unsynced one before it to the disk too,
        and each connection costs an open, a cache and a share of the log's locks.
        """
        self._refuse_closed()
        with self._faults():
            self._db.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._refuse_newer()
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
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
            raise ledger_file.error(self._path, "ledger-read-only", message, hint)
        if self._stopped:
            message = "the disk refused a record, so nothing more is recorded or spent"
            hint = "check the disk, then run again"
            raise ledger_file.error(self._path, "ledger-stopped", message, hint)

    def _refuse_newer(self) -> None:
        """Inside the transaction, because a newer version may have written since we opened."""
        (claimed,) = self._db.execute("PRAGMA user_version").fetchone()
        (written,) = self._db.execute(ledger_sql.NEWER, (SCHEMA,)).fetchone()
        self._version = max(claimed, written or 0)
        if self._version > SCHEMA:
            raise ledger_file.newer(self._path, self._version)

    def _result(self, text: str) -> Result:
        try:
            return from_record(json.loads(text))
        except (ValueError, TypeError) as error:
            message = f"a record cannot be read: {str(error)[:200]}"
            raise ledger_file.error(
                self._path, "ledger-record", message, "update kinoform"
            ) from error

    def _event(self, row: tuple[Any, ...]) -> Event:
        seq, at, run, project, kind, step, take, key, text = row
        try:
            data = json.loads(text)
        except (ValueError, TypeError) as error:
            message = f"event {seq} cannot be read: {str(error)[:200]}"
            raise ledger_file.broken(self._path, message) from error
        return Event(at, run, project, kind, step, take, key, data, seq)

    def _faults(self) -> Any:
        return ledger_file.faults(self._path, self._version)


def _row(event: Event) -> tuple[Any, ...]:
    """The columns of an event, in the order of INSERT_EVENT. Raises ValueError."""
    data = dict(event.data)
    if event.kind == "result" and from_record(data).key != event.key:
        raise ValueError(f"the record's key is not the event's: {event.key[:80]}")
    try:
        text = canon.dumps(data)
    except TypeError as error:
        raise ValueError(str(error)) from error
    e = event
    return (e.at, e.run, e.project, e.kind, e.step, e.take, e.key, schema_of(data), text)
