"""Tasks on the disk: old ledgers are brought up to date, sums stay true, caps hold for everybody."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinoform.core import canon
from kinoform.core.ledger import SCHEMA
from kinoform.core.tasks import MOVES, Cap, IllegalMoveError, Task
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.memory import MemoryLedger
from kinoform.testing.check import refusal
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event
from kinoform.testing.task_suite import make_arrival, make_id, make_intent, make_move

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.core.types import Event

OLD = Path(__file__).parent / "fixtures" / "ledger_v1.sqlite"
USER = Cap("user", "", Decimal(1), "settings")


def raw(path: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [db.execute(statement).fetchall() for statement in statements][-1]


@pytest.fixture
def old(path: Path) -> Path:
    """A ledger of the first format."""
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(OLD, path)
    return path


def test_an_old_ledger_is_brought_up_to_date_when_it_is_opened_to_write(old: Path) -> None:
    before = raw(old, "SELECT * FROM event")
    with SqliteLedger(old) as ledger:
        assert ledger.tasks() == ledger.open_tasks() == ()
        ledger.append([make_intent("a")])
        assert len(ledger.open_tasks()) == 1
        assert ledger.rebuild()
    assert raw(old, "PRAGMA user_version") == [(SCHEMA,)]
    assert raw(old, "SELECT * FROM event")[:-1] == before


def test_an_old_ledger_is_read_as_it_is(old: Path) -> None:
    whole = old.read_bytes()
    with SqliteLedger(old, read_only=True) as ledger:
        assert ledger.tasks() == ledger.open_tasks() == ledger.tasks([make_key("a")]) == ()
        assert len(list(ledger.events())) == 15
    assert old.read_bytes() == whole


def test_a_reader_sees_the_tasks_of_a_ledger_that_was_brought_up_to_date(old: Path) -> None:
    with SqliteLedger(old, read_only=True) as reader, SqliteLedger(old) as ledger:
        ledger.append([make_intent("a")])
        assert reader.tasks() == ledger.tasks() != ()


def test_many_openings_bring_it_up_to_date_once(old: Path) -> None:
    def work(number: int) -> None:
        with SqliteLedger(old) as ledger:
            ledger.append([make_intent(number)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SqliteLedger(old) as ledger:
        assert len(ledger.tasks()) == 6
        assert ledger.rebuild()


def test_events_of_tasks_that_an_old_ledger_may_hold_are_folded(path: Path) -> None:
    with SqliteLedger(path) as ledger:
        ledger.append([make_intent("a"), *make_arrival("a"), make_intent("b")])
        wanted = ledger.tasks()
    drops = [f"DROP TABLE {name}" for name in ("task", "spent")]
    raw(path, "DROP VIEW derived_spent", *drops, "PRAGMA user_version = 1")
    with SqliteLedger(path) as ledger:
        assert ledger.tasks() == wanted
        assert ledger.admit([make_intent("c", "1")], [USER]) == {make_id("c"): USER}


def test_events_that_lead_nowhere_are_damage_that_is_named(path: Path) -> None:
    with SqliteLedger(path) as ledger:
        ledger.append([make_intent("a"), make_event("ack")])
        text = f'{{"intent": "{make_id("nobody")}"}}'
        raw(path, f"UPDATE task SET id = '{make_id('x')}'")  # noqa: S608  (a test's own text)
        columns = "at, run, project, kind, step, take, key, schema, data"
        values = f"1, 'r', 'p', 'ack', 's', 1, 'k', 1, '{text}'"
        raw(path, f"INSERT INTO event ({columns}) VALUES ({values})")  # noqa: S608  (as above)
        problem = refusal(ledger.rebuild)
        assert problem.code == "ledger-damaged"
        assert "ack of s" in problem.message
        assert ledger.tasks()[0].id == make_id("a")


def test_what_another_process_moved_meanwhile_is_taken_into_account(
    ledger: SqliteLedger, path: Path
) -> None:
    ledger.append([make_intent("a"), make_intent("b")])
    ledger.append([make_move("ack", "b", task="ours")])
    with SqliteLedger(path) as other:
        other.append([make_move("rejected", "a"), make_move("parked", "b", why="late")])
    with pytest.raises(IllegalMoveError, match=r"whose task is rejected"):
        ledger.append([make_move("ack", "a")])
    ledger.append([make_move("sample", "b", samples=[])])
    assert ledger.tasks()[1].data["why"] == "late"
    assert ledger.rebuild()


def test_what_is_taken_back_moved_nothing(ledger: SqliteLedger) -> None:
    ledger.append([make_intent("a")])
    with pytest.raises(IllegalMoveError):
        ledger.append([make_move("rejected", "a"), make_move("ack", "nobody")])
    ledger.append([make_move("ack", "a", task="theirs")])
    assert [task.state for task in ledger.open_tasks()] == ["running"]
    assert ledger.rebuild()


@pytest.mark.parametrize("moves", [("ack",), ("ack", "sample"), ("ack", "gone", "sample")])
def test_a_row_is_the_canonical_text_of_its_task(
    moves: tuple[str, ...], ledger: SqliteLedger, path: Path
) -> None:
    for event in (make_intent("a"), *(make_move(kind, "a", why=kind) for kind in moves)):
        ledger.append([event])
        [(text,)] = raw(path, "SELECT record FROM task")
        assert text == canon.dumps(json.loads(text))
        assert json.loads(text).keys() == set(Task.__slots__)
        assert raw(path, "SELECT count(*) FROM task WHERE is_open") == [(len(ledger.open_tasks()),)]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM task WHERE state = 'done'",
        "UPDATE task SET is_open = 1",
        "UPDATE task SET paid = 0",
        "UPDATE spent SET amount = 0",
        "DELETE FROM spent WHERE scope = 'run'",
        "INSERT INTO spent VALUES ('run', 'planted', 5)",
    ],
)
def test_derived_tables_are_mended(damage: str, ledger: SqliteLedger, path: Path) -> None:
    ledger.append([make_intent("a"), *make_arrival("a"), make_intent("b", run="run-2")])
    assert ledger.rebuild()
    good = [raw(path, f"SELECT * FROM {name}") for name in ("task", "spent")]  # noqa: S608  (names of tables)
    raw(path, damage)
    assert not ledger.rebuild()
    assert [raw(path, f"SELECT * FROM {name}") for name in ("task", "spent")] == good  # noqa: S608  (names of tables)
    assert ledger.rebuild()


def test_a_damaged_task_is_refused_not_taken_for_none(ledger: SqliteLedger, path: Path) -> None:
    ledger.append([make_intent("a")])
    for record in ("{", "{}", "[]", '{"id": 1, "estimate": "NaN", "begun": "x"}'):
        raw(path, f"UPDATE task SET record = '{record}'")  # noqa: S608  (a test's own text)
        for look in (
            ledger.tasks,
            ledger.open_tasks,
            lambda: ledger.append([make_move("ack", "a")]),
        ):
            assert refusal(look).code == "ledger-record"
    assert not ledger.rebuild()
    assert [task.state for task in ledger.tasks()] == ["intended"]


@pytest.mark.parametrize("kind", sorted({k for row in MOVES.values() for k in row} - {"result"}))
def test_every_move_of_a_task_waits_for_the_disk(kind: str, ledger: SqliteLedger) -> None:
    ledger.append([make_event("started")])
    ledger.append([make_event(kind)])
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_admission_waits_for_the_disk(ledger: SqliteLedger) -> None:
    ledger.append([make_event("started")])
    ledger.admit([make_intent("a")], [])
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_reader_admits_nothing(ledger: SqliteLedger, path: Path) -> None:
    with SqliteLedger(path, read_only=True) as reader:
        assert refusal(lambda: reader.admit([make_intent("a")], [])).code == "ledger-read-only"


def test_sums_that_no_task_reaches_are_refused_before_they_overflow(ledger: SqliteLedger) -> None:
    ledger.append([make_intent(i, "1000000") for i in range(100)])
    with pytest.raises(ValueError, match="amount"):
        ledger.append([make_intent("more", "1000000.000000001")])
    assert ledger.admit([make_intent("a")], [USER]) == {make_id("a"): USER}


PROGRAM = """
import sys
from decimal import Decimal
from pathlib import Path
from kinoform.core.tasks import Cap
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing.task_suite import make_intent, make_move
name = sys.argv[2]
caps = [Cap("project", "/films/lamp", Decimal("1.00"), "budget.total")]
with SqliteLedger(Path(sys.argv[1])) as ledger:
    for i in range(40):
        me = f"{name} {i}"
        refused = ledger.admit([make_intent(me, "0.03", run=name), make_intent(me + "b", "0.01")], caps)
        if len(refused) == 0 and i % 2:
            ledger.append([make_move("rejected", me)])
"""


def test_no_number_of_processes_oversteps_a_cap_by_a_cent(path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(path)]
    workers = [
        subprocess.Popen([*command, str(i)], stderr=subprocess.PIPE, text=True) for i in range(4)
    ]
    assert [worker.communicate()[1] for worker in workers] == [""] * 4
    with SqliteLedger(path) as ledger:
        held = sum((task.reserved for task in ledger.tasks()), Decimal(0))
        assert held == Decimal("1.00")
        assert ledger.rebuild()


def test_threads_admit_one_after_another(ledger: SqliteLedger) -> None:
    def work(number: int) -> None:
        for i in range(10):
            ledger.admit([make_intent(f"{number} {i}", "0.05")], [USER])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.tasks()) == 20


KINDS = st.sampled_from(sorted({kind for row in MOVES.values() for kind in row} - {"intent"}))
STORIES = st.lists(
    st.tuples(KINDS, st.integers(0, 2), st.sampled_from(["0", "0.01", "0.0000000005"])), max_size=25
)


def told(kind: str, name: int, paid: str) -> Event:
    if kind == "result":
        return make_arrival(name, paid)[-1]
    return make_move(kind, name, paid=paid)


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_whatever_happens_both_ledgers_agree_and_can_be_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, int, str]]
) -> None:
    memory = MemoryLedger()
    with SqliteLedger(tmp_path_factory.mktemp("story") / "ledger.sqlite") as ledger:
        both: tuple[Callable[[list[Event]], None], ...] = (ledger.append, memory.append)
        for write in both:
            write([make_intent(name) for name in range(3)])
        for move in story:
            refused = []
            for write in both:
                try:
                    write([told(*move)])
                except IllegalMoveError:
                    refused.append(write)
            assert len(refused) in {0, 2}
        assert ledger.tasks() == memory.tasks()
        assert ledger.open_tasks() == memory.open_tasks()
        assert ledger.rebuild()


def test_results_and_heads_are_found_as_before(ledger: SqliteLedger) -> None:
    ledger.append([make_intent("a"), *make_arrival("a"), result_event(make_result("b"))])
    assert len(ledger.results([make_key("a"), make_key("b")])) == 2
    assert ledger.heads("/films/lamp") == {
        ("still@a", 1): make_key("a"),
        ("clip@s020", 1): make_key("b"),
    }
