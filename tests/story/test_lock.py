"""What was bought is named in git, so that a fresh clone buys nothing of it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from film import Film, outcomes

from kinoform.core.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path)
    made.run("still@s010", "still@s020", "edit@s010")
    return made


def _clone(film: Film, folder: Path) -> Film:
    """The same project in a place and a home of its own, as git would carry it."""
    folder.mkdir()
    clone = Film(folder)
    shutil.copytree(film.root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    return clone


def test_every_purchase_has_a_record_and_local_work_has_none(film: Film) -> None:
    film.run()
    records = film.root / "kinoform.lock" / "steps"
    assert sorted(p.name for p in records.iterdir()) == ["clip", "edit", "still"]
    (line,) = (records / "still" / "s010").read_text(encoding="utf-8").splitlines()
    told = json.loads(line)
    assert told["model"] == "runware/klingai:kling-image@o3"
    assert told["paid"] == "0.01"
    assert len(told["artifacts"]) == 1


def test_a_fresh_clone_buys_nothing_that_the_lock_names(film: Film, tmp_path: Path) -> None:
    clone = _clone(film, tmp_path / "clone")
    planned = clone.open().plan()
    verdicts = {d.step: d.verdict for d in planned.plan.decisions}
    assert verdicts["still@s010"] == verdicts["edit@s010"] == "lost"
    assert verdicts["still@s030"] == "run"
    report = clone.report("edit@s010")
    assert outcomes(report)["edit@s010"] == "lost"
    assert clone.bought() == 0


def test_bytes_that_come_along_are_taken_as_what_was_bought(film: Film, tmp_path: Path) -> None:
    clone = _clone(film, tmp_path / "clone")
    shutil.copytree(film.home / "store", clone.home / "store")
    report = clone.report("edit@s010", "edit@s020")
    ended = outcomes(report)
    assert ended.pop("edit@s020") == "done"
    assert set(ended.values()) == {"reused"}
    assert clone.provider.submits == {"edit@s020": 1}


def test_going_back_to_an_earlier_recipe_keeps_both_records(film: Film) -> None:
    path = film.root / "kinoform.lock/steps/still/s010"
    film.edit("Mara climbs the stair", "Mara climbs a rope")
    film.run("still@s010")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    film.edit("Mara climbs a rope", "Mara climbs the stair")
    film.run("still@s010")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert film.provider.submits["still@s010"] == 2


def test_a_record_that_is_gone_is_written_again_beside_an_edit(film: Film) -> None:
    path = film.root / "kinoform.lock/steps/still/s010"
    before = path.read_text(encoding="utf-8")
    path.unlink()
    film.edit("the harbour wakes", "the harbour sleeps")
    assert film.report("still@s010", "still@s060").notes == ()
    assert path.read_text(encoding="utf-8") == before


def test_a_draft_writes_no_lock(tmp_path: Path) -> None:
    film = Film(tmp_path)
    film.run(draft="all")
    assert not (film.root / "kinoform.lock").exists()


def test_a_damaged_record_is_named_by_file_and_line(film: Film, tmp_path: Path) -> None:
    clone = _clone(film, tmp_path / "clone")
    (clone.root / "kinoform.lock/steps/still/s010").write_text("{}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        clone.open().plan()
    (problem,) = caught.value.problems
    assert str(problem.where) == "kinoform.lock/steps/still/s010:1:1"
