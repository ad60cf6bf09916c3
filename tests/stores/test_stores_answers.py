"""An answer holds while everything that it rests on is as it was, and not a moment longer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kinoform.stores import answers
from kinoform.stores.looks import Looks, heard, keep, looked

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLED = 0.021  # seconds, after which a file's times tell of every further write
WORDS = ("plan", "film")
SAID = (0, [("o", "all is made\n"), ("e", "a warning\n"), ("o", "at last\n")])


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir(mode=0o700)
    return {"KINOFORM_HOME": str(tmp_path / "home"), "LANG": "C"}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A folder with a file that has not changed for a while."""
    folder = tmp_path / "film"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text("one")
    time.sleep(SETTLED)
    return folder


def kept(environ: dict[str, str], *looks: Callable[[], object]) -> bool:
    """Keep the answer of a command that looked at this."""
    found = Looks(environ["KINOFORM_HOME"])
    with heard(found):
        for look in looks:
            look()
    return keep(WORDS, environ, SAID, found)


def test_the_same_question_gets_the_same_answer_stream_by_stream(
    environ: dict[str, str], film: Path
) -> None:
    assert kept(environ, (film / "pipeline.yaml").read_bytes)
    assert answers.recall(WORDS, environ) == SAID


@pytest.mark.parametrize(
    ("words", "variable"), [(("plan", "other"), "C"), (("plan", "film"), "de"), (("plan",), "C")]
)
def test_other_words_and_other_variables_are_another_question(
    environ: dict[str, str], film: Path, words: tuple[str, ...], variable: str
) -> None:
    assert kept(environ, (film / "pipeline.yaml").read_bytes)
    assert answers.recall(words, {**environ, "LANG": variable}) is None


def test_a_touched_file_with_the_same_bytes_lets_an_answer_stand(
    environ: dict[str, str], film: Path
) -> None:
    assert kept(environ, (film / "pipeline.yaml").read_bytes)
    os.utime(film / "pipeline.yaml")
    assert answers.recall(WORDS, environ) == SAID


def test_other_bytes_of_the_same_size_and_time_end_an_answer(
    environ: dict[str, str], film: Path
) -> None:
    path = film / "pipeline.yaml"
    assert kept(environ, path.read_bytes)
    before = path.stat()
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert answers.recall(WORDS, environ) is None


def test_a_link_that_is_turned_to_a_file_of_the_same_moment_ends_an_answer(
    environ: dict[str, str], film: Path
) -> None:
    plates = [film / f"plate{n}.txt" for n in range(8)]
    for path in plates:
        path.write_text(path.name)
    link = film / "link.txt"
    link.symlink_to(plates[0].name)
    time.sleep(SETTLED)
    assert kept(environ, lambda: looked(link))
    for path in plates[1:]:
        link.unlink()
        link.symlink_to(path.name)
        assert answers.recall(WORDS, environ) is None


def test_a_file_that_comes_into_being_ends_the_answer_that_missed_it(
    environ: dict[str, str], film: Path
) -> None:
    assert kept(environ, lambda: looked(film / "picks"))
    assert answers.recall(WORDS, environ) == SAID
    (film / "picks").mkdir()
    assert answers.recall(WORDS, environ) is None


def test_a_new_name_in_a_folder_that_was_listed_ends_an_answer(
    environ: dict[str, str], film: Path
) -> None:
    assert kept(environ, lambda: list(film.iterdir()))
    (film / "more.yaml").touch()
    assert answers.recall(WORDS, environ) is None


def test_what_may_not_move_ends_an_answer_even_when_it_only_was_touched(
    environ: dict[str, str], film: Path
) -> None:
    assert kept(environ, lambda: looked(film / "pipeline.yaml", answers.STILL))
    assert answers.recall(WORDS, environ) == SAID
    os.utime(film / "pipeline.yaml")
    assert answers.recall(WORDS, environ) is None


def test_what_changed_while_the_command_worked_keeps_no_answer(
    environ: dict[str, str], film: Path
) -> None:
    def changed() -> None:
        (film / "pipeline.yaml").read_bytes()
        os.utime(film / "pipeline.yaml")

    assert not kept(environ, changed)


def test_a_command_that_starts_a_program_or_writes_a_file_keeps_no_answer(
    environ: dict[str, str], film: Path
) -> None:
    assert not kept(environ, lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    assert not kept(environ, lambda: (film / "plan.json").write_text("{}"))


def test_an_answer_that_others_may_have_written_is_not_read(
    environ: dict[str, str], film: Path
) -> None:
    assert kept(environ, (film / "pipeline.yaml").read_bytes)
    Path(answers.place(WORDS, environ)).chmod(0o666)
    assert answers.recall(WORDS, environ) is None


@pytest.mark.parametrize("length", [0, 1, 40, -1])
def test_an_answer_that_was_cut_off_is_none(
    environ: dict[str, str], film: Path, length: int
) -> None:
    assert kept(environ, (film / "pipeline.yaml").read_bytes)
    path = Path(answers.place(WORDS, environ))
    path.write_bytes(path.read_bytes()[:length])
    assert answers.recall(WORDS, environ) is None


@pytest.mark.parametrize("head", [["x"], ["0", "file\tonly"]])
def test_an_answer_that_makes_no_sense_is_none(
    environ: dict[str, str], film: Path, head: list[str]
) -> None:
    assert kept(environ, (film / "pipeline.yaml").read_bytes)
    answers.save(answers.place(WORDS, environ), head, "oall is made\n")
    assert answers.recall(WORDS, environ) is None


def test_the_home_is_where_the_library_says(tmp_path: Path) -> None:
    from platformdirs import user_config_dir, user_data_dir  # noqa: PLC0415  (the peer of this one test)

    plain = {k: v for k, v in os.environ.items() if k != "KINOFORM_HOME"}
    assert answers.home_folder(plain) == user_data_dir("kinoform", appauthor=False)
    assert answers.standard_folder("config", plain) == user_config_dir("kinoform", appauthor=False)
    assert answers.home_folder({"KINOFORM_HOME": str(tmp_path)}) == str(tmp_path)


def test_only_so_many_answers_are_kept(environ: dict[str, str], film: Path) -> None:
    found = Looks(environ["KINOFORM_HOME"])
    with heard(found):
        (film / "pipeline.yaml").read_bytes()
    for number in range(70):
        assert keep(("plan", str(number)), environ, SAID, found)
    assert answers.recall(("plan", "69"), environ) == SAID
    assert len(list((film.parent / "home/answers").iterdir())) <= 64
