"""The ledger keeps every event, files results by key, and waits for the disk where money is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.core.ledger import to_record
from kinoform.core.run_state import fold
from kinoform.stores import disk
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing import ledger_suite, task_suite
from kinoform.testing.check import refusal
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.core.types import Event

FIXTURES = Path(__file__).parent / "fixtures"
RESULT = make_result("a")


def raw(path: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [db.execute(statement).fetchall() for statement in statements][-1]


@pytest.mark.parametrize(
    "fact", [*ledger_suite.FACTS, *task_suite.FACTS], ids=lambda fact: fact.__name__
)
def test_a_sqlite_ledger_is_a_ledger(fact: Callable[[ledger_suite.Open], None], path: Path) -> None:
    with ExitStack() as opened:
        fact(lambda: opened.enter_context(SqliteLedger(path)))


def test_a_gist_is_what_the_whole_record_says(ledger: SqliteLedger) -> None:
    results = [make_result(i) for i in range(3)]
    results += [make_result("least", outputs=(), manifest={}, seed=None)]
    ledger.append([result_event(result) for result in results])
    keys = [result.key for result in results]
    assert ledger.gists([*keys, make_key("?")]) == {r.key: r.gist for r in results}
    assert ledger.gists(keys) == {key: r.gist for key, r in ledger.results(keys).items()}


def test_the_file_and_its_folders_are_private(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([result_event(RESULT)])
    assert path.parent.stat().st_mode & 0o777 == 0o700
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in path.parent.iterdir()} == {
        "ledger.sqlite",
        "ledger.sqlite-shm",
        "ledger.sqlite-wal",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET data = '{}'",
        "DELETE FROM event",
        "DELETE FROM event WHERE seq = 1",
        "REPLACE INTO event SELECT * FROM event WHERE seq = 1",
    ],
)
def test_events_can_only_be_added(statement: str, ledger: SqliteLedger, path: Path) -> None:
    ledger.append([result_event(RESULT)])
    before = list(ledger.events())
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw(path, statement)
    assert list(ledger.events()) == before


def test_derived_tables_are_what_the_events_say(ledger: SqliteLedger, path: Path) -> None:
    keys = [make_key(i % 7) for i in range(40)]
    for i, key in enumerate(keys):
        kind, take = ("head", "result")[i % 2], 1 + i % 3
        data = to_record(make_result(i, key=key)) if kind == "result" else {}
        ledger.append([make_event(kind, take=take, key=key, data=data, project=f"/p{i % 2}")])
    assert ledger.rebuild()
    good = raw(path, "SELECT * FROM result"), raw(path, "SELECT * FROM head")
    raw(path, "DELETE FROM result WHERE key = (SELECT min(key) FROM result)")
    raw(path, "INSERT INTO head VALUES ('/film', 'planted', 1, 'x')")
    assert not ledger.rebuild()
    assert (raw(path, "SELECT * FROM result"), raw(path, "SELECT * FROM head")) == good
    assert ledger.rebuild()


def test_a_look_at_a_ledger_that_is_not_there_finds_nothing_and_makes_nothing(path: Path) -> None:
    with SqliteLedger(path, read_only=True) as ledger:
        assert ledger.results([RESULT.key]) == {}
        assert list(ledger.events()) == []
        assert refusal(lambda: ledger.append([result_event(RESULT)])).code == "ledger-read-only"
    assert not path.parent.exists()


def test_a_reader_sees_what_a_writer_adds_and_cannot_add(ledger: SqliteLedger, path: Path) -> None:
    with SqliteLedger(path, read_only=True) as reader:
        ledger.append([result_event(RESULT)])
        assert reader.results([RESULT.key]) == {RESULT.key: RESULT}
        assert refusal(lambda: reader.append([make_event("started")])).code == "ledger-read-only"
        assert refusal(reader.rebuild).code == "ledger-read-only"


def test_paging_goes_on_while_others_write(ledger: SqliteLedger) -> None:
    ledger.append([make_event("started", take=i) for i in range(1_500)])
    found = []
    for event in ledger.events():
        if event.take == 700:
            ledger.append([make_event("started", take=1_500)])
        found.append(event.take)
    assert found == list(range(1_501))


def test_a_bad_batch_leaves_the_ledger_usable(ledger: SqliteLedger) -> None:
    for data in ({"at": {1, 2}}, {"x": float("nan")}, {"x": "\ud800"}):
        with pytest.raises(ValueError, match=r".+"):
            ledger.append([result_event(RESULT), make_event("failed", data=data)])
    ledger.append([make_event("started")])
    assert [event.kind for event in ledger.events()] == ["started"]


# What a write costs is asked of the database itself: FULL (2) syncs at every commit, NORMAL (1) not.
@pytest.mark.parametrize(
    ("event", "level"),
    [
        (make_event("started"), 1),
        (make_event("intent"), 2),
        (result_event(RESULT), 2),
        (result_event(replace(RESULT, kind="local", paid=RESULT.paid * 0)), 1),
    ],
    ids=["started", "intent", "hosted", "local"],
)
def test_only_batches_about_money_wait_for_the_disk(
    event: Event, level: int, ledger: SqliteLedger
) -> None:
    for opposite in (make_event("ack"), make_event("started")):
        ledger.append([opposite])
        ledger.append([make_event("started"), event])
        assert ledger._db.execute("PRAGMA synchronous").fetchone() == (level,)


def test_threads_share_a_ledger(ledger: SqliteLedger) -> None:
    def work(number: int) -> None:
        for i in range(25):
            ledger.append([result_event(make_result(f"{number} {i}"))])
            assert len(ledger.results([make_key(f"{number} {i}")])) == 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(ledger.events())) == 100


PROGRAM = """
import sys
from pathlib import Path
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing.ledger_suite import make_result, result_event
name = sys.argv[2]
for i in range(10):
    with SqliteLedger(Path(sys.argv[1])) as ledger:
        for j in range(5):
            ledger.append([result_event(make_result(f"{name} {i} {j}"))])
"""


def test_processes_share_a_ledger_and_none_is_told_that_it_is_locked(path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(path)]
    workers = [
        subprocess.Popen([*command, str(i)], stderr=subprocess.PIPE, text=True) for i in range(4)
    ]
    assert [worker.communicate()[1] for worker in workers] == [""] * 4
    with SqliteLedger(path) as ledger:
        keys = [make_key(f"{n} {i} {j}") for n in range(4) for i in range(10) for j in range(5)]
        assert len(ledger.results(keys)) == len(keys) == len(list(ledger.events()))
        assert ledger.rebuild()


def test_many_first_openings_make_one_ledger(path: Path) -> None:
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait()
        with SqliteLedger(path) as ledger:
            ledger.append([make_event("started", take=number)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SqliteLedger(path) as ledger:
        assert sorted(event.take for event in ledger.events()) == list(range(8))
    assert {file.name for file in path.parent.iterdir()} == {"ledger.sqlite"}


@pytest.mark.parametrize("name", sorted(file.stem for file in FIXTURES.glob("*.sqlite")))
def test_old_ledgers_replay(name: str, tmp_path: Path) -> None:
    """Each fixture was written by the version it is named after, and is never written again."""
    expected = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(FIXTURES / f"{name}.sqlite", path)
    with SqliteLedger(path) as ledger:
        events = list(ledger.events())
        assert [[e.seq, e.at, e.kind, e.step, e.take, e.key] for e in events] == expected["events"]
        results = ledger.results([e.key for e in events])
        assert {key: to_record(result) for key, result in results.items()} == expected["results"]
        heads = ledger.heads(expected["project"])
        assert [[*place, key] for place, key in sorted(heads.items())] == expected["heads"]
        tasks = expected.get("tasks", [])
        for row, task in zip(tasks, ledger.tasks(), strict=True):
            assert {name: str(getattr(task, name)) for name in row} == row
        run = fold(ledger.events(expected["run"]))
        assert (str(run.paid), dict(run.counts)) == (expected["paid"], expected["counts"])
        assert run.illegal == ()
        assert ledger.rebuild()
        ledger.append([make_event("started")])


MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /home/ana rw shared:1 - nfs4 server:/home rw
31 30 0:41 / /home/ana/local\\040disk rw - xfs /dev/vdb rw
32 22 0:42 / /mnt/share rw - fuse.sshfs host: rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", ""),
        ("/home", ""),
        ("/home/ana", "nfs4"),
        ("/home/ana/.local/share", "nfs4"),
        ("/home/anabel", ""),
        ("/home/ana/local disk/x", ""),
        ("/mnt/share/x", "fuse.sshfs"),
    ],
)
def test_network_folders_are_known_by_the_mount_table(folder: str, kind: str) -> None:
    assert disk.network_type(folder, MOUNTS) == kind


def test_an_odd_mount_table_is_no_error() -> None:
    assert disk.network_type("/home", "") == ""
    assert disk.network_type("/home", "torn - line\n - \n1 2 3 4 / - nfs x y") == "nfs"


def test_a_relative_path_names_the_same_ledger(tmp_path: Path) -> None:
    path = tmp_path / "x" / "ledger.sqlite"
    with SqliteLedger(Path(os.path.relpath(path))) as ledger:
        ledger.append([make_event("started")])
    with SqliteLedger(path, read_only=True) as ledger:
        assert [event.kind for event in ledger.events()] == ["started"]


@pytest.mark.parametrize("name", ["a b", "100%", "q?mode=ro", "#1", "ü"])
def test_any_folder_name_is_fine(name: str, tmp_path: Path) -> None:
    path = tmp_path / name / "ledger.sqlite"
    with SqliteLedger(path) as ledger:
        ledger.append([make_event("started")])
    with SqliteLedger(path, read_only=True) as ledger:
        assert len(list(ledger.events())) == 1
