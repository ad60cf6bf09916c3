"""A frozen build: from lock and store, without a key, and without a trace in the project."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from film import Film, outcomes

from kinoform.api.consent import Consent
from kinoform.api.frozen import refusals
from kinoform.api.planning import Asked
from kinoform.core.errors import SpendError

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.core.errors import Problem
    from kinoform.core.report import RunReport

CUT = ("reel", "sheet")


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path)
    made.run()
    return made


def _clone(film: Film, folder: Path) -> Film:
    """The same project elsewhere, with the bytes and without the ledger."""
    folder.mkdir()
    clone = Film(folder)
    shutil.copytree(film.root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    shutil.copytree(film.home / "store", clone.home / "store")
    return clone


def _frozen(film: Film, *targets: str) -> RunReport:
    """A frozen run to which nobody said a word about money."""
    project = film.open(frozen=True)
    return project.run(project.plan(Asked(targets)), Consent())


def _refused(film: Film, *targets: str) -> tuple[Problem, ...]:
    with pytest.raises(SpendError) as caught:
        _frozen(film, *targets)
    assert {problem.code for problem in caught.value.problems} == {"frozen"}
    return caught.value.problems


def _records(film: Film) -> dict[str, tuple[bytes, int]]:
    """Lock and picks, byte for byte, with the times of the files."""
    kept = [*film.root.glob("kinoform.lock/**/*"), *film.root.glob("picks/**/*")]
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in kept if p.is_file()}


def test_a_clone_with_the_bytes_builds_the_film_from_its_lock(film: Film, tmp_path: Path) -> None:
    clone = _clone(film, tmp_path / "clone")
    before = _records(clone)
    report = _frozen(clone)
    assert not report.problems()
    assert {outcomes(report)[step] for step in CUT} == {"done"}
    assert all(next(clone.root.glob(f"out/{step}.*")).is_file() for step in CUT)
    assert clone.bought() == 0
    assert _records(clone) == before


def test_an_edited_prompt_is_refused_before_anything_starts(film: Film) -> None:
    film.edit("Mara climbs the stair", "Mara climbs a rope")
    before, bought = _records(film), film.bought()
    (problem,) = _refused(film)
    assert problem.message.startswith("still@s010, edit@s010, clip@s010: not bought")
    assert problem.hint == "kinoform run, without --frozen"
    assert (film.bought(), _records(film)) == (bought, before)


def test_what_was_bought_and_is_not_here_is_named_with_the_way_to_get_it(
    film: Film, tmp_path: Path
) -> None:
    clone = _clone(film, tmp_path / "clone")
    shutil.rmtree(clone.home / "store")
    problem, *_ = _refused(clone, "clip@s010")
    assert problem.message.startswith("clip@s010: bought")
    assert problem.hint == "kinoform pull DIR"
    assert clone.bought() == 0


def test_a_purchase_that_the_lock_does_not_name_is_as_good_as_none(film: Film) -> None:
    shutil.rmtree(film.root / "kinoform.lock")
    (problem,) = _refused(film, "still@s010")
    assert "still@s010" in problem.message
    assert not (film.root / "kinoform.lock").exists()
    bought = film.bought()
    film.run()  # costs nothing, and names it
    assert film.bought() == bought
    assert not _frozen(film, "still@s010").problems()


def test_what_somebody_chose_is_built_and_left_as_it_stands(film: Film) -> None:
    (still,) = film.open().plan(Asked(["still@s010"])).plan.decisions
    digest = film.open().home.ledger.results({still.key})[still.key].outputs[0].digest
    path = film.root / "picks/still/s010"
    path.parent.mkdir(parents=True)
    path.write_text(f"adopt {digest} | ana | today\n", encoding="utf-8")
    film.edit("Mara climbs the stair with a lamp", "Mara climbs the stair")
    before = _records(film)
    assert outcomes(_frozen(film, "still@s010"))["still@s010"] == "reused"
    assert _records(film) == before


def test_the_lock_and_not_the_ledger_says_which_bytes_a_frozen_build_takes(
    film: Film, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    ben = Film(other)
    ben.provider.answer = lambda action: f"Ben's {action.key}".encode()
    ben.run("still@s010")
    name = "kinoform.lock/steps/still/s010"
    shutil.copyfile(ben.root / name, film.root / name)
    (problem,) = refusals(film.open(frozen=True).plan(Asked(["still@s010"])))
    assert problem.hint == "kinoform pull DIR"
    shutil.copytree(ben.home / "store", film.home / "store", dirs_exist_ok=True)
    _frozen(film, "still@s010")
    assert (film.root / "out/still/s010.jpg").read_bytes().startswith(b"Ben's")


def test_drafts_need_no_lock(tmp_path: Path) -> None:
    film = Film(tmp_path)
    project = film.open("all", frozen=True)
    assert not project.run(project.plan()).problems()
