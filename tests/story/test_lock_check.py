"""`check --lock`: what it says of a sound lock, and of each thing that can be wrong with one."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from desk import at_home
from film import Film

from kinoform.api.lockcheck import LockCheck, check_lock
from kinoform.api.orphans import Orphan
from kinoform.cli.exits import Exit
from kinoform.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STILL = "kinoform.lock/steps/still/s010"


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path)
    made.run("still@s010", "still@s020", "edit@s010")
    return made


@pytest.fixture
def own_home(film: Film) -> Iterator[None]:
    """Commands use the film's own home."""
    with at_home(film.home):
        yield


def _found(film: Film) -> LockCheck:
    return check_lock(film.open())


def _codes(found: LockCheck) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_sound_lock_is_counted(film: Film) -> None:
    found = _found(film)
    assert (found.records, found.steps, found.artifacts) == (3, 3, 3)
    assert found.valid
    assert found.problems == ()


def test_a_line_that_is_no_record_is_named_and_the_others_are_still_checked(film: Film) -> None:
    (film.root / STILL).write_text("{}\n", encoding="utf-8")
    found = _found(film)
    assert not found.valid
    (problem,) = found.problems
    assert (problem.code, str(problem.where)) == ("lock-damaged", f"{STILL}:1:1")
    assert found.records == 2


def test_what_git_left_of_a_conflict_says_to_keep_both_sides(film: Film) -> None:
    line = (film.root / STILL).read_text(encoding="utf-8")
    text = f"<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> ben\n"
    (film.root / STILL).write_text(text, encoding="utf-8")
    found = _found(film)
    assert not found.valid
    assert {p.message for p in found.problems} == {"a merge was left unfinished here"}
    assert len(found.problems) == 3


def test_bytes_that_are_not_here_are_counted_by_step(film: Film) -> None:
    film.delete("still@s010")
    found = _found(film)
    assert found.valid
    assert found.missing == {"still@s010": 1}
    (problem,) = found.problems
    assert problem.message == "1 of 3 artifacts are not in this store: still@s010"
    assert problem.hint == "kinoform pull DIR"


def test_a_renamed_shot_is_an_orphan_with_the_line_that_says_what_became_of_it(film: Film) -> None:
    film.edit("s010: {does", "s015: {does")
    found = _found(film)
    assert found.valid
    assert found.orphans == [Orphan("edit@s010", "edit@s015"), Orphan("still@s010", "still@s015")]
    hints = [problem.hint for problem in found.problems]
    assert hints[1].endswith("- {from: still@s010, to: still@s015}")
    moves = "moved:\n" + "".join(f"  {hint.partition('moved: ')[2]}\n" for hint in hints)
    path = film.root / "pipeline.yaml"
    film.write(path.read_text(encoding="utf-8") + moves)
    assert _found(film).problems == ()


def test_records_of_a_shot_that_is_gone_are_orphans_and_no_fault(film: Film) -> None:
    film.edit(
        "  s020: {does: her palm meets the cold lens, dur: 5, starts: cut, ends: bridge}\n", ""
    )
    found = _found(film)
    assert found.orphans == [Orphan("still@s020")]
    assert found.valid
    assert "to: NEW" in found.problems[0].hint


def test_a_shot_that_is_left_out_is_no_orphan(film: Film) -> None:
    film.edit(
        "dur: 5, starts: cut, ends: bridge}", "dur: 5, starts: cut, ends: bridge, omit: true}"
    )
    assert _found(film).orphans == []


def test_records_made_under_another_model_file_are_counted_by_model(film: Film) -> None:
    path = film.root / STILL
    told = json.loads(path.read_text(encoding="utf-8"))
    told["model_digest"] = f"sha256:{'0' * 64}"
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    found = _found(film)
    assert found.older == {"runware/klingai:kling-image@o3": 1}
    assert _codes(found) == ["lock-model-changed"]
    assert found.valid


def test_two_results_of_one_request_are_said(film: Film, tmp_path: Path) -> None:
    (tmp_path / "ben").mkdir()
    ben = Film(tmp_path / "ben")
    ben.provider.answer = lambda action: f"Ben's {action.key}".encode()
    ben.run("still@s010")
    both = (film.root / STILL).read_text("utf-8") + (ben.root / STILL).read_text("utf-8")
    (film.root / STILL).write_text(both, encoding="utf-8")
    shutil.copytree(ben.home / "store", film.home / "store", dirs_exist_ok=True)
    found = _found(film)
    assert found.valid
    assert _codes(found) == ["lock-twice"]


def test_choices_are_read_as_well(film: Film) -> None:
    for name in ("kinoform.lock/models/board", "picks/still/s010"):
        (film.root / name).parent.mkdir(parents=True, exist_ok=True)
        (film.root / name).write_text("what\n", encoding="utf-8")
    assert _codes(_found(film)) == ["lock-damaged", "pick-damaged"]


def test_the_command_says_it_with_its_status(
    film: Film, own_home: None, capsys: pytest.CaptureFixture[str]
) -> None:
    del own_home
    assert run(["check", str(film.root), "--lock"], {}) == Exit.DONE
    out, err = capsys.readouterr()
    assert "kinoform.lock: 3 records of 3 steps, 3 artifacts, every record can be read" in out
    assert err == ""
    (film.root / STILL).write_text("{}\n", encoding="utf-8")
    assert run(["check", "--json", str(film.root), "--lock"], {}) == Exit.INVALID
    told = json.loads(capsys.readouterr().out)
    assert told["lock"] == {
        "valid": False, "records": 2, "inputs": 0, "steps": 2, "artifacts": 2,
        "missing": {}, "models": {}, "orphans": [],
    }  # fmt: skip
    assert [problem["code"] for problem in told["problems"]] == ["lock-damaged"]
