"""The ledger's file: made whole or not at all, inspected when opened, its faults told plainly.

Knows SQLite and the disk, no event.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kinoform.core.errors import EnvError, Problem
from kinoform.core.ledger import SCHEMA
from kinoform.stores import disk, ledger_sql, scratch
from kinoform.stores.answers import LOG, STILL
from kinoform.stores.looks import looked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WAIT: Final = 30.0  # seconds that a writer waits for the others
_LOG_PAGES: Final = 4_000  # 16 MB: what a log holds when a run's own records are copied from it

_KEEP: Final = (
    "keep the file: it is the record of what was paid; restore a backup, or try"
    " `sqlite3 FILE .recover` on a copy"
)
_MOVE: Final = "point KINOFORM_HOME to a folder on a local disk"

# SQLite's primary result code -> (our code, what is known, what to do).
_FAULTS: Final = {
    sqlite3.SQLITE_BUSY: ("ledger-busy", "another process kept it locked for 30 s", "run again"),
    sqlite3.SQLITE_LOCKED: ("ledger-busy", "another process kept it locked for 30 s", "run again"),
    sqlite3.SQLITE_CORRUPT: ("ledger-damaged", "the ledger is damaged", _KEEP),
    sqlite3.SQLITE_NOTADB: ("ledger-damaged", "the file is not a ledger, or is damaged", _KEEP),
    sqlite3.SQLITE_ERROR: ("ledger-damaged", "the ledger's tables are not as expected", _KEEP),
    sqlite3.SQLITE_CANTOPEN: (
        "disk-read-only",
        "the ledger cannot be opened: the folder or the file is not writable",
        "make the folder writable, or point KINOFORM_HOME to another one",
    ),
    sqlite3.SQLITE_PERM: ("disk-read-only", "the ledger may not be opened", "check its mode"),
    sqlite3.SQLITE_READONLY: (
        "ledger-read-only",
        "the ledger cannot be written to",
        "make the file and its folder writable",
    ),
    sqlite3.SQLITE_IOERR: ("disk-failed", "the disk failed under the ledger", "check the disk"),
}
_UNKNOWN: Final = ("disk-failed", "the ledger could not be used", "run again")


def make(path: Path) -> None:
    """The file and its folders, if there is none; never in the place of something lost."""
    disk.private_folder(path.parent)
    shared = disk.network_type(str(path.parent), disk.mounts())
    if shared:
        raise error(path, "ledger-network", f"the folder is on {shared}", _MOVE)
    with faults(path), disk.disk_faults(path):
        if os.path.lexists(path):
            return
        # Asked in this order, and once more: another process may be making it just now.
        if log_size(path) and not os.path.lexists(path):
            message = f"the ledger is gone, but {_log(path).name} beside it is not"
            raise error(path, "ledger-damaged", message, _KEEP)
        _create(path)


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open it; to look only, an empty ledger in memory stands for a file that is not there yet."""
    looked(path, STILL)
    looked(_log(path), LOG)
    if read_only and not os.path.lexists(path):
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.executescript(_script())
        return db
    uri = f"file:{quote(str(path))}?mode={'ro' if read_only else 'rw'}"
    if read_only and _sealed(path):
        uri += "&immutable=1"
    return sqlite3.connect(
        uri, uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False
    )


def inspect(db: sqlite3.Connection, path: Path, *, unclean: bool) -> int:
    """The version that the file claims. Raises EnvError unless it is a ledger, and whole.

    Only an `unclean` one is looked through: that takes about 1 ms per MB.
    """
    if path.exists() and not path.stat().st_size:
        raise error(path, "ledger-damaged", "the ledger is empty (0 bytes)", _KEEP)
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != ledger_sql.APPLICATION:
        hint = "move the file away, or point KINOFORM_HOME to another folder"
        raise error(path, "ledger-foreign", "the file belongs to another program", hint)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (told,) = db.execute("PRAGMA quick_check(1)").fetchone() if unclean else ("ok",)
    if told != "ok":
        raise error(path, "ledger-damaged", f"the ledger is damaged: {told[:200]}", _KEEP)
    return int(version)


def use_log(db: sqlite3.Connection, path: Path) -> None:
    """Let readers and writers share the file through a log beside it. Raises EnvError."""
    db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    # Else what a group of records would undo is written to the system's folder for such files, which
    # may be full, and on which prompts have no business.
    db.execute("PRAGMA temp_store = MEMORY")
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise error(path, "ledger-network", "the folder cannot hold a shared log", _MOVE)


def log_size(path: Path) -> int:
    """Bytes in the log beside it: left by a crash, or in use by another process; else 0."""
    with suppress(FileNotFoundError):
        return _log(path).stat().st_size
    return 0


@contextmanager
def faults(path: Path, version: int = SCHEMA) -> Iterator[None]:
    """SQLite's errors as ours, by the table above; misuse of the connection stays a bug."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_CONSTRAINT) & 0xFF
        if code == sqlite3.SQLITE_CONSTRAINT:
            raise
        raise _told(path, code, str(fault), version) from fault


def error(path: Path, code: str, message: str, hint: str) -> EnvError:
    """One problem of this file."""
    return EnvError(Problem(code, message, hint=hint, path=str(path)))


def newer(path: Path, version: int) -> EnvError:
    """The refusal to write where a newer version has written."""
    message = f"a newer kinoform has written here: format {version}, this one knows {SCHEMA}"
    return error(path, "ledger-newer", message, "update kinoform; until then this is read-only")


def broken(path: Path, message: str) -> EnvError:
    """The ledger holds something that it cannot hold."""
    return error(path, "ledger-damaged", message, _KEEP)


def _told(path: Path, code: int, said: str, version: int) -> EnvError:
    # Room for the log's shared index is asked for in another way, and refused as a failure.
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and disk.is_full(path)):
        return EnvError(disk.full(str(path)))
    if code == sqlite3.SQLITE_ERROR and version > SCHEMA:
        return newer(path, version)
    slug, known, hint = _FAULTS.get(code, _UNKNOWN)
    with suppress(OSError):
        said = f"{said}; {path.stat().st_size:,} bytes"
    return error(path, slug, f"{known} ({said})", hint)


def _create(path: Path) -> None:
    """Build it under another name, then link: an empty or half-made ledger is never seen."""
    temp = path.with_name(f".{scratch.new_name()}")
    os.close(os.open(temp, os.O_CREAT | os.O_EXCL | os.O_RDWR, disk.PRIVATE_FILE))
    try:
        db = sqlite3.connect(temp, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = OFF")  # it is synced once, whole, before it is linked
            db.executescript(f"BEGIN; {_script()} COMMIT;")
            use_log(db, path)
        finally:
            db.close()
        _publish(temp, path)
    finally:
        temp.unlink(missing_ok=True)
    disk.sync_folder(str(path.parent))


def _publish(temp: Path, path: Path) -> None:
    """Give the finished file its name, unless another process was faster."""
    with temp.open("rb") as file:
        disk.sync_file(file.fileno())
    try:
        os.link(temp, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            temp.replace(path)


def _script() -> str:
    marks = f"PRAGMA application_id = {ledger_sql.APPLICATION}; PRAGMA user_version = {SCHEMA};"
    return f"{marks} {ledger_sql.CREATE}"


def _sealed(path: Path) -> bool:
    """Whether nobody can be writing: a copy on a read-only disk, whose log cannot be opened."""
    return not os.access(path.parent, os.W_OK) and not _log(path).exists()


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
