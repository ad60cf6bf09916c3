"""Asking the same again is answered from memory, and never otherwise than by doing it all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desk import at_home
from recalled import SETTLED, Edited, said, settle

from kinoform.__main__ import main
from kinoform.cli.main import run
from kinoform.stores import answers
from kinoform.stores.looks import Looks, heard

if TYPE_CHECKING:
    from collections.abc import Iterator

FILM = """\
kinoform: 1
name: notes
shots: {s1: {does: walks}, s2: {does: runs}}
steps:
  note:
    uses: local/text
    foreach: shots
    with: {text: "{{ shot.does }}", inputs: [plate.txt]}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.yaml").write_text(FILM)
    (tmp_path / "plate.txt").write_text("plate one")
    settle()
    return tmp_path


def known(*words: str) -> bool:
    return answers.recall(words, os.environ) is not None


def test_the_second_run_with_nothing_to_do_is_remembered(film: Path) -> None:
    words = ("run", "-C", str(film))
    assert "2 made" in said(main, words)[1]
    settle()
    assert not known(*words)  # the run that worked has changed what it looked at
    second = said(main, words)
    assert "nothing to do" in second[1]
    assert known(*words)
    assert said(main, words) == second


def test_a_run_that_worked_is_never_remembered(film: Path) -> None:
    looks = Looks(str(film / "home"))
    with heard(looks):
        said(run, ("run", "-C", str(film)))
    assert looks.void


def test_a_run_with_nothing_to_do_leaves_no_trace_in_the_ledger(film: Path) -> None:
    said(main, ("run", "-C", str(film)))
    ledger = Path(os.environ["KINOFORM_HOME"]) / "ledger.sqlite"
    before = ledger.read_bytes()
    said(main, ("run", "-C", str(film)))
    assert ledger.read_bytes() == before


@pytest.mark.parametrize("name", ["out/note/s1.txt", "plate.txt", "pipeline.yaml"])
def test_what_a_run_looked_at_and_was_changed_is_noticed(film: Path, name: str) -> None:
    words = ("run", "-C", str(film))
    for _ in range(2):
        said(main, words)
        settle()
    assert known(*words)
    path = film / name
    path.write_text(path.read_text().replace("plate", "plata").replace("walks", "walk!"))
    assert not known(*words)


def test_an_object_that_is_gone_from_the_store_is_noticed_by_a_plan(film: Path) -> None:
    said(main, ("run", "-C", str(film)))
    settle()
    said(main, ("plan", "-C", str(film)))
    assert known("plan", "-C", str(film))
    store = Path(os.environ["KINOFORM_HOME"]) / "store/objects"
    held = [path for path in store.glob("*/*") if path.read_bytes() == b"walks"]
    assert len(held) == 1
    held[0].unlink()
    assert not known("plan", "-C", str(film))
    assert "its bytes are not in this store" in said(main, ("plan", "-C", str(film)))[1]


def test_an_answer_comes_without_any_of_the_libraries(film: Path) -> None:
    code = """
import sys
from kinoform.__main__ import main
status = main(sys.argv[1:])
heavy = {"click", "yaml", "jinja2", "jsonschema", "json", "dataclasses", "pathlib", "sqlite3", "typing"}
print(sorted(heavy & sys.modules.keys()))
sys.exit(status)
"""
    words = [sys.executable, "-I", "-c", code, "plan", "-C", str(film)]
    found = [
        subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
        for _ in range(3)  # the first of all begins a ledger, which the second one finds
    ]
    assert found[0][:-1] == found[1][:-1] == found[2][:-1]
    assert "click" in found[0][-1]
    assert found[2][-1] == "[]"


def test_a_run_leaves_its_ledger_closed_so_that_the_next_plan_is_remembered(
    film: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    environ = {**os.environ, "KINOFORM_HOME": str(home)}
    for words in (("run", "--draft"), ("plan", "--draft")):
        argv = [sys.executable, "-m", "kinoform", *words, "-C", str(film)]
        subprocess.run(argv, env=environ, capture_output=True, check=True)
        assert not (home / "ledger.sqlite-wal").exists()
        settle()
    assert len(list((home / "answers").iterdir())) == 1


def test_a_page_of_help_is_remembered_and_begins_no_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environ = {**os.environ, "KINOFORM_HOME": str(home)}
    words = [sys.executable, "-m", "kinoform", "pick", "--help"]
    first = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    assert not home.exists()
    home.mkdir(mode=0o700)
    again = [
        subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert len(list((home / "answers").iterdir())) == 1
    assert [each.stdout for each in again] == [first.stdout] * 2


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose settings and index may be taken away."""
    (tmp_path / "config.yaml").touch()
    with at_home(tmp_path / "home", tmp_path / "config.yaml"):
        yield tmp_path / "home"


def test_after_any_edit_memory_says_what_doing_it_all_says(home: Path, tmp_path: Path) -> None:
    edited = Edited(tmp_path / "film", home, random.Random(7))
    edited.begin()
    for _ in range(40):
        edited.turn()
    assert edited.differ == []
    assert edited.recalled >= 1
    assert SETTLED * 1e9 > answers.TICK


@pytest.mark.parametrize(
    "name", ["picks/note/s1", "kinoform.lock/steps/note/s1", "models/own.json"]
)
def test_a_folder_that_was_not_there_is_noticed_when_it_comes(film: Path, name: str) -> None:
    words = ("status", "-C", str(film))
    for _ in range(3):
        settle()
        said(main, words)
    assert known(*words)
    (film / name).parent.mkdir(parents=True)
    (film / name).write_text("{}")
    assert not known(*words)


def test_a_list_that_names_files_notices_when_one_is_gone(film: Path) -> None:
    said(main, ("run", "-C", str(film)))
    for _ in range(2):
        settle()
        said(main, ("ls", "-C", str(film)))
    assert known("ls", "-C", str(film))
    (film / "out/note/s1.txt").unlink()
    assert not known("ls", "-C", str(film))
