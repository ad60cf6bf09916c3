"""What is broken, foreign or newer is refused with words, and never replaced."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.core.errors import EnvError
from kinoform.core.ledger import SCHEMA
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing.check import refusal
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESULT = make_result("a")


def raw(path: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [db.execute(statement).fetchall() for statement in statements][-1]


def code(work: Callable[[], object]) -> str:
    """The code of the refusal, which must name the file and the way out."""
    problem = refusal(work)
    assert problem.path.endswith("ledger.sqlite")
    assert problem.hint
    return problem.code


def closed_ledger(path: Path, count: int = 300) -> bytes:
    with SqliteLedger(path) as ledger:
        ledger.append([result_event(make_result(i)) for i in range(count)])
    return path.read_bytes()


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a database at all" * 500,
        b"SQLite format 3\0" + b"\0" * 84,
    ],
    ids=["empty", "other", "head"],
)
def test_what_is_no_ledger_is_refused_and_left_alone(
    content: bytes, path: Path, *, read_only: bool
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert code(lambda: SqliteLedger(path, read_only=read_only)) == "ledger-damaged"
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [False, True])
def test_another_programs_database_is_refused(path: Path, *, read_only: bool) -> None:
    path.parent.mkdir()
    raw(path, "CREATE TABLE bookmark (url)")
    assert code(lambda: SqliteLedger(path, read_only=read_only)) == "ledger-foreign"


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    assert code(lambda: SqliteLedger(path)) == "disk-read-only"


def test_a_ledger_that_was_cut_is_refused_when_it_is_read(path: Path) -> None:
    whole = closed_ledger(path)
    path.write_bytes(whole[: len(whole) // 2])

    def read() -> None:
        with SqliteLedger(path) as ledger:
            list(ledger.events())

    assert code(read) == "ledger-damaged"


def test_no_damaged_page_is_a_traceback_or_a_wrong_record(path: Path) -> None:
    whole = closed_ledger(path, 60)
    truth = {make_key(i): make_result(i) for i in range(60)}
    for page in range(len(whole) // 4_096):
        for junk in (bytes(4_096), b"\xff" * 4_096):
            bad = bytearray(whole)
            bad[page * 4_096 + 200 : (page + 1) * 4_096] = junk[200:]
            path.write_bytes(bad)
            try:
                with SqliteLedger(path) as ledger:
                    found = ledger.results(list(truth))
                    list(ledger.events())
            except EnvError:
                continue
            assert all(truth[key] == result for key, result in found.items())


def crashed_ledger(path: Path, tmp_path: Path) -> Path:
    """A copy of a ledger in use, as a killed process leaves it: most of it in the file, some not."""
    with SqliteLedger(path) as ledger:
        ledger.append([result_event(make_result(i)) for i in range(300)])
        ledger._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ledger.append([make_event("started")])
        copy = tmp_path / "crashed" / path.name
        shutil.copytree(path.parent, copy.parent)
    (copy.parent / "ledger.sqlite-shm").unlink()
    return copy


def test_what_a_crash_left_in_the_log_is_there(path: Path, tmp_path: Path) -> None:
    with SqliteLedger(crashed_ledger(path, tmp_path)) as ledger:
        assert len(list(ledger.events())) == 301
        assert ledger.rebuild()


def test_a_ledger_left_open_by_a_crash_is_looked_through(path: Path, tmp_path: Path) -> None:
    crashed = crashed_ledger(path, tmp_path)
    whole = bytearray(crashed.read_bytes())
    whole[-4_096 * 10 : -4_096 * 9] = b"\xff" * 4_096
    crashed.write_bytes(whole)
    assert code(lambda: SqliteLedger(crashed)) == "ledger-damaged"


def test_a_log_without_its_ledger_is_not_taken_for_a_new_start(path: Path) -> None:
    closed_ledger(path, 1)
    path.rename(path.with_name("ledger.sqlite-wal"))
    assert code(lambda: SqliteLedger(path)) == "ledger-damaged"
    assert not path.exists()


def test_a_damaged_record_is_refused_not_taken_for_none(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([result_event(RESULT)])
    for record in ("{", "{}", "[]", '{"key": 1}'):
        raw(path, f"UPDATE result SET record = '{record}'")  # noqa: S608  (a test's own text)
        assert code(lambda: ledger.results([RESULT.key])) == "ledger-record"
        assert code(lambda: ledger.gists([RESULT.key])) == "ledger-record"


def test_records_that_are_sound_only_beside_each_other_are_refused(
    ledger: SqliteLedger, path: Path
) -> None:
    """Those of a page are read as one text."""
    keys = [make_key(name) for name in "ab"]
    ledger.append([result_event(make_result(name)) for name in "ab"])
    for records in (('{"key": 1', '"step": 2}'), ("[{}", "{}]"), ("{}, {}", "")):
        for key, record in zip(keys, records, strict=True):
            raw(path, f"UPDATE result SET record = '{record}' WHERE key = '{key}'")  # noqa: S608  (a test's own text)
        assert code(lambda: ledger.results(keys)) == "ledger-record"
        assert code(lambda: ledger.gists(keys)) == "ledger-record"


@pytest.mark.parametrize("how", ["version", "record"])
def test_what_a_newer_version_has_written_is_read_and_not_written(
    how: str, ledger: SqliteLedger, path: Path
) -> None:
    ledger.append([result_event(RESULT)])
    if how == "version":
        raw(path, f"PRAGMA user_version = {SCHEMA + 1}")
    else:
        later = result_event(make_result("later"))
        later = replace(later, data={**later.data, "schema": SCHEMA + 1, "more": [1]})
        row = (later.key, SCHEMA + 1, json.dumps(later.data))
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(
                "INSERT INTO event (at, run, project, kind, step, take, key, schema, data)"
                " VALUES (2.0, 'r', 'p', 'result', 's', 1, ?, ?, ?)",
                row,
            )
    for write in (lambda: ledger.append([make_event("started")]), ledger.rebuild):
        assert code(write) == "ledger-newer"
    with SqliteLedger(path) as again:
        assert again.results([RESULT.key]) == {RESULT.key: RESULT}
        assert len(list(again.events())) == (1 if how == "version" else 2)
        assert code(lambda: again.append([make_event("started")])) == "ledger-newer"


def test_newer_tables_are_told_as_such(path: Path) -> None:
    closed_ledger(path, 1)
    raw(path, "ALTER TABLE result RENAME TO answer", f"PRAGMA user_version = {SCHEMA + 1}")
    with SqliteLedger(path) as ledger:
        assert code(lambda: ledger.results([RESULT.key])) == "ledger-newer"
