"""A copy of the ledger beside it, once a day: what is left when the file itself is damaged.

Knows neither when a run was clean nor what the records mean.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from kinoform.stores import disk, ledger_file, ledger_sql, scratch

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.stores.ledger import SqliteLedger

NAME: Final = "ledger.backup.sqlite"


def backup(ledger: SqliteLedger, now: float) -> bool:
    """Put a whole copy beside the ledger; False if there is one of the same local day already.

    `now` is seconds since the epoch. Others may write meanwhile. The copy is a ledger as it stands:
    it can be opened, or take the place of the lost one. Raises EnvError, and keeps the last copy,
    when the ledger is damaged, when it holds less than that copy, or when the disk refuses.
    """
    target = ledger.path.with_name(NAME)
    with disk.disk_faults(target):
        if target.exists() and _day(target.stat().st_mtime) == _day(now):
            return False
        scratch.sweep(target.parent)
        temp = target.with_name(f".{scratch.new_name()}")
        os.close(os.open(temp, os.O_CREAT | os.O_EXCL | os.O_RDWR, disk.PRIVATE_FILE))
        try:
            with ledger_file.faults(ledger.path):
                _copy(ledger.path, temp)
            _refuse_less(temp, target, ledger.path)
            _publish(temp, target, now)
        finally:
            temp.unlink(missing_ok=True)
    return True


def _day(at: float) -> tuple[int, ...]:
    return time.localtime(at)[:3]


def _copy(path: Path, temp: Path) -> None:
    """By a connection of its own, which sees one moment and stops no writer."""
    with closing(ledger_file.connect(path, read_only=True)) as db:
        # SQLite would sync it six times on the way; it is synced once, whole, before it has a name.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("VACUUM INTO ?", (str(temp),))
    with closing(sqlite3.connect(temp, isolation_level=None)) as db:
        (told,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if told != "ok":
            raise ledger_file.broken(path, f"its copy is damaged: {told[:200]}")


def _refuse_less(temp: Path, target: Path, path: Path) -> None:
    """A ledger that was lost and begun anew must not cost its copy too."""
    kept, made = _length(target), _length(temp)
    if made < kept:
        message = f"the ledger holds {made:,} events, its backup {kept:,}"
        hint = f"if the ledger was lost, put {target.name} in its place; else move that away"
        raise ledger_file.error(path, "ledger-shorter", message, hint)


def _length(path: Path) -> int:
    """How many events a copy holds; -1 for one that is not there or cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            (last,) = db.execute(ledger_sql.LAST).fetchone()
    except sqlite3.Error:
        return -1
    return int(last)


def _publish(temp: Path, target: Path, now: float) -> None:
    # The copy needs no log. One that somebody left beside the last copy would be read into this one.
    for log in ("-wal", "-shm", "-journal"):
        target.with_name(f"{target.name}{log}").unlink(missing_ok=True)
    os.utime(temp, (now, now))
    with temp.open("rb") as file:
        disk.sync_file(file.fileno())
    temp.replace(target)
    disk.sync_folder(str(target.parent))
