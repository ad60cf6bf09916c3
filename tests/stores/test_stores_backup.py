"""A copy of the ledger a day: whole, private, and never in the place of one that holds more."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import TYPE_CHECKING

from traced import needs_strace, traced

from kinoform.stores.backup import NAME, backup
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing.check import refusal
from kinoform.testing.ledger_suite import make_event, make_result, result_event
from kinoform.testing.task_suite import make_intent

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
NOW = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))
COPY = """
import sys
from pathlib import Path
from kinoform.stores.backup import backup
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing.ledger_suite import make_event

with SqliteLedger(Path(sys.argv[1])) as ledger:
    ledger.append([make_event("started")])
    assert backup(ledger, 0)
"""


def test_a_copy_is_a_ledger_of_its_own(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([result_event(make_result("a")), make_intent("b")])
    assert backup(ledger, NOW)
    copy = path.with_name(NAME)
    assert copy.stat().st_mode & 0o777 == 0o600
    with SqliteLedger(copy, read_only=True) as other:
        assert list(other.events()) == list(ledger.events())
        assert other.tasks() == ledger.tasks()
    restored = path.parent / "new" / "ledger.sqlite"
    restored.parent.mkdir()
    shutil.copyfile(copy, restored)
    with SqliteLedger(restored) as other:
        assert other.rebuild()
        other.append([make_event("started")])
        assert other._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_there_is_one_copy_a_day(ledger: SqliteLedger, path: Path) -> None:
    assert backup(ledger, NOW)
    ledger.append([make_event("started")])
    assert not backup(ledger, NOW + 3_600)
    assert not backup(ledger, NOW)
    assert backup(ledger, NOW + DAY)
    with SqliteLedger(path.with_name(NAME), read_only=True) as other:
        assert len(list(other.events())) == 1
    left = {file.name for file in path.parent.iterdir()} - {
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
    }
    assert left == {"ledger.sqlite", NAME}


def test_a_log_that_was_left_beside_the_last_copy_is_not_read_into_the_next(
    ledger: SqliteLedger, path: Path
) -> None:
    assert backup(ledger, NOW)
    log = path.with_name(f"{NAME}-wal")
    shutil.copyfile(path.with_name("ledger.sqlite-wal"), log)
    assert backup(ledger, NOW + DAY)
    assert not log.exists()


def test_others_write_meanwhile(ledger: SqliteLedger, path: Path) -> None:
    with SqliteLedger(path) as other:
        other.append([make_event("started")])
        assert backup(ledger, NOW)
        other.append([make_event("started")])
        assert len(list(ledger.events())) == 2


def test_a_copy_that_holds_more_is_kept(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([make_event("started"), make_event("failed")])
    assert backup(ledger, NOW)
    kept = path.with_name(NAME).read_bytes()
    ledger.close()
    for file in path.parent.glob("ledger.sqlite*"):
        file.unlink()
    with SqliteLedger(path) as fresh:
        fresh.append([make_event("started")])
        problem = refusal(lambda: backup(fresh, NOW + DAY))
    assert problem.code == "ledger-shorter"
    assert NAME in problem.hint
    assert path.with_name(NAME).read_bytes() == kept


def test_a_damaged_ledger_costs_no_copy(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([result_event(make_result(i)) for i in range(300)])
    assert backup(ledger, NOW)
    kept = path.with_name(NAME).read_bytes()
    ledger.close()
    whole = bytearray(path.read_bytes())
    whole[-4_096 * 60 : -4_096 * 2] = b"\xff" * 4_096 * 58
    path.write_bytes(whole)
    with SqliteLedger(path) as damaged:
        assert refusal(lambda: backup(damaged, NOW + DAY)).code == "ledger-damaged"
    assert path.with_name(NAME).read_bytes() == kept
    assert not list(path.parent.glob(".*"))


def test_a_copy_that_cannot_be_read_is_replaced(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([make_event("started")])
    copy = path.with_name(NAME)
    copy.write_bytes(b"not a ledger")
    os.utime(copy, (NOW - DAY, NOW - DAY))
    assert backup(ledger, NOW)
    with SqliteLedger(copy, read_only=True) as other:
        assert len(list(other.events())) == 1


@needs_strace
def test_a_copy_is_synced_once_and_then_has_its_name(tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / "home" / "ledger.sqlite"
    traced(trace, ["-y", "-e", "trace=fsync,fdatasync,/^rename"], COPY, str(path))
    calls = re.findall(r"(sync|rename)\w*\((.*)", trace.read_text())
    (named,) = [call for call in calls if f"/{NAME}" in call[1]]
    copy = named[1].split('"')[1]
    assert [call for call, told in calls if copy in told] == ["sync", "rename"]
    assert f"{path.parent}>" in calls[calls.index(named) + 1][1]
