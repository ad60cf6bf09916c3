"""The index forgets rather than fail, and gives nothing to whoever plants something in it."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.stores.index import DiskIndex
from kinoform.testing import index_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kinoform.ports import Index


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DiskIndex]:
    opened = DiskIndex(tmp_path / "home" / "index")
    yield opened
    opened.close()


def raw(tmp_path: Path, statement: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(tmp_path / "home" / "index" / "cache.db")) as db:
        rows = db.execute(statement, values).fetchall()
        db.commit()
        return rows


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self.path, "w")


@pytest.mark.parametrize("fact", index_suite.FACTS, ids=lambda fact: fact.__name__)
def test_a_disk_index_is_an_index(fact: Callable[[Index], None], index: DiskIndex) -> None:
    fact(index)


def test_another_opening_remembers(index: DiskIndex, tmp_path: Path) -> None:
    index.put({"a": "1"})
    other = DiskIndex(tmp_path / "home" / "index")
    assert other.get("a") == "1"
    other.close()


def test_the_folder_is_private_and_holds_no_files_of_values(
    index: DiskIndex, tmp_path: Path
) -> None:
    index.put({"long": "x" * 300_000})
    folder = tmp_path / "home" / "index"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name.partition("-")[0] for file in folder.iterdir()} == {"cache.db"}


def test_nothing_but_text_goes_in(index: DiskIndex) -> None:
    odd: Any = {"a": 1, "b": b"x", "c": None, 4: "x", "d": "\ud800", "\ud800": "x", "good": "1"}
    index.put(odd)
    assert {key: index.get(key) for key in odd} == dict.fromkeys(odd) | {"good": "1"}


def test_a_planted_pickle_is_not_loaded(index: DiskIndex, tmp_path: Path) -> None:
    index.put({"a": "1", "b": "2"})
    bomb = pickle.dumps(Bomb(tmp_path / "boom"))
    raw(tmp_path, "UPDATE Cache SET mode = 4, value = ? WHERE key = 'a'", bomb)
    assert index.get("a") is None
    assert not (tmp_path / "boom").exists()
    assert index.get("b") is None  # the whole index was dropped
    index.put({"a": "3"})
    assert index.get("a") == "3"


def test_a_planted_pickle_key_is_not_loaded(index: DiskIndex, tmp_path: Path) -> None:
    index.put({"a": "1"})
    bomb = pickle.dumps(Bomb(tmp_path / "boom"))
    raw(tmp_path, "UPDATE Cache SET raw = 0, key = ? WHERE key = 'a'", bomb)
    assert index.get("a") is None
    with pytest.raises(Exception, match="bytes"):
        list(index._cache)
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
def test_a_file_name_is_never_followed(mode: int, index: DiskIndex, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    index.put({"a": "1"})
    raw(tmp_path, "UPDATE Cache SET mode = ?, filename = '../../secret', value = NULL", mode)
    assert index.get("a") is None
    assert secret.read_text() == "do not read"


def test_writing_over_a_row_with_a_file_name_removes_nothing(
    index: DiskIndex, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not remove")
    index.put({"a": "1"})
    raw(tmp_path, "UPDATE Cache SET filename = '../../secret'")
    index.put({"a": "2"})
    assert secret.read_text() == "do not remove"
    index.put({"a": "3"})
    assert index.get("a") == "3"


def test_values_of_other_types_are_not_served(index: DiskIndex, tmp_path: Path) -> None:
    for value in (b"bytes", 7, 1.5, None):
        index.put({"a": "1"})
        raw(tmp_path, "UPDATE Cache SET value = ?", value)
        other = DiskIndex(tmp_path / "home" / "index")
        assert other.get("a") is None
        other.close()
        index = DiskIndex(tmp_path / "home" / "index")
    index.close()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("eviction_policy", "least-recently-used"),
        ("cull_limit", 10),
        ("size_limit", 1_000),
        ("statistics", 1),
        ("disk_min_file_size", 0),
        ("disk_evil", 1),
        ("get", "x"),
        ("_disk", "x"),
        ("set", "x"),
        ("sqlite_journal_mode", "off; DROP TABLE Cache"),
    ],
)
def test_planted_settings_do_not_count(
    key: str, value: object, index: DiskIndex, tmp_path: Path
) -> None:
    index.put({"a": "1"})
    index.close()
    raw(tmp_path, "INSERT OR REPLACE INTO Settings VALUES (?, ?)", key, value)
    other = DiskIndex(tmp_path / "home" / "index")
    assert other.get("a") in {"1", None}
    facts = {f"key {i}": "x" * 1_000 for i in range(50)}
    other.put(facts)
    assert {name: other.get(name) for name in facts} in (facts, dict.fromkeys(facts))
    other.put(facts)
    assert {name: other.get(name) for name in facts} == facts
    other.close()


@pytest.mark.parametrize(
    "content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5_000]
)
def test_a_broken_file_is_replaced(content: bytes, index: DiskIndex, tmp_path: Path) -> None:
    index.put({"a": "1"})
    index.close()
    (tmp_path / "home" / "index" / "cache.db").write_bytes(content)
    assert index.get("a") is None
    index.put({"a": "2"})
    assert index.get("a") == "2"
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["index"]


def test_an_index_that_breaks_again_and_again_stays_off(index: DiskIndex, tmp_path: Path) -> None:
    for _ in range(3):
        index.put({"a": "1"})
        index.close()
        (tmp_path / "home" / "index").mkdir(parents=True, exist_ok=True, mode=0o700)
        (tmp_path / "home" / "index" / "cache.db").write_bytes(b"broken" * 999)
        assert index.get("a") is None
    index.put({"a": "1"})
    assert index.get("a") is None


def test_a_file_in_its_place_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("mine")
    index = DiskIndex(tmp_path / "index" / "deep")
    index.put({"a": "1"})
    assert index.get("a") is None
    assert (tmp_path / "index").read_text() == "mine"


def test_a_folder_that_others_can_write_to_is_dropped(index: DiskIndex, tmp_path: Path) -> None:
    index.put({"a": "1"})
    index.close()
    (tmp_path / "home" / "index").chmod(0o777)
    assert index.get("a") is None
    index.put({"a": "2"})
    assert index.get("a") == "2"
    assert (tmp_path / "home" / "index").stat().st_mode & 0o777 == 0o700


def test_dropping_follows_no_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir(mode=0o700)
    (real / "cache.db").write_bytes(b"precious, and no database" * 99)
    (tmp_path / "index").symlink_to(real)
    index = DiskIndex(tmp_path / "index")
    assert index.get("a") is None
    index.close()
    assert (real / "cache.db").exists()


def test_a_dollar_in_the_path_leads_nowhere_else(tmp_path: Path) -> None:
    index = DiskIndex(tmp_path / "$HOME" / "index")
    index.put({"a": "1"})
    assert index.get("a") is None
    assert not list(tmp_path.glob("**/cache.db"))


def test_a_busy_index_is_kept(index: DiskIndex, tmp_path: Path) -> None:
    index.put({"a": "1"})
    index._cache._timeout = 0
    index._cache.close()
    with closing(sqlite3.connect(tmp_path / "home" / "index" / "cache.db")) as db:
        db.execute("BEGIN IMMEDIATE")
        index.put({"a": "2"})
        assert index.get("a") == "1"
    index.put({"a": "2"})
    assert index.get("a") == "2"


def test_threads_share_an_index(index: DiskIndex) -> None:
    def work(number: int) -> None:
        for i in range(20):
            index.put({f"{number} {i}": str(i)})
            assert index.get(f"{number} {i}") == str(i)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [index.get(f"{n} {i}") for n in range(4) for i in range(20)] == [
        str(i) for _ in range(4) for i in range(20)
    ]


def test_processes_share_an_index(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kinoform.stores.index import DiskIndex\n"
        "index = DiskIndex(Path(sys.argv[1]))\n"
        "for i in range(50): index.put({f'{sys.argv[2]} {i}': str(i)})\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "index")]
    workers = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [worker.wait() for worker in workers] == [0] * 4
    index = DiskIndex(tmp_path / "index")
    assert all(index.get(f"{n} {i}") == str(i) for n in range(4) for i in range(50))
    index.close()


def test_the_library_is_not_imported_before_something_is_written(
    index: DiskIndex, tmp_path: Path
) -> None:
    index.put({"a": "1"})
    program = (
        "import sys; from pathlib import Path; from kinoform.stores import index, locks\n"
        "opened = index.DiskIndex(Path(sys.argv[1])); locks.KeyLocks(Path('y'))\n"
        "assert (opened.get('a'), opened.get('b')) == ('1', None)\n"
        "assert not {'diskcache', 'filelock'} & set(sys.modules)"
    )
    folder = tmp_path / "home" / "index"
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)


def test_to_ask_begins_no_index(index: DiskIndex, tmp_path: Path) -> None:
    assert index.get("a") is None
    assert not (tmp_path / "home").exists()
