"""A step or a shot that was renamed keeps what it had: picks, records, history, files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from film import Film, outcomes

from kinoform.api import picking
from kinoform.api.lockcheck import check_lock
from kinoform.api.orphans import Orphan, orphans
from kinoform.api.picking import Said
from kinoform.core.candidates import find
from kinoform.core.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
kinoform: 1
name: renamed
shots: {s010: {does: a lamp}, s020: {does: a hand}}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    takes: 2
    pick: review
    with: {prompt: "{{ shot.key }}: {{ shot.does }}", size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    foreach: shots
    tags: [film]
    with: {prompt: it turns, first_frame: "${{ out.still }}", duration: 5}
"""
MOVED = "moved: [{from: still@s010, to: still@s015}, {from: clip@s010, to: clip@s015}]\n"


def _choose(film: Film, step: str, take: str) -> None:
    project = film.open()
    planned = project.plan()
    found = picking.candidates(project, planned, [planned.step(step)])
    choice = picking.choose(project, planned, find(found, take, step), Said("ana", "steady"))
    assert choice is not None
    picking.write(project, planned, choice)


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path, TEXT)
    made.run()
    _choose(made, "still@s010", "2")
    _choose(made, "still@s020", "1")
    made.run()
    return made


def _rename(film: Film, moved: str = MOVED) -> None:
    film.edit("s010: {", "s015: {")
    film.edit("steps:\n", f"{moved}steps:\n")


def _names(film: Film, step: str) -> list[str]:
    planned = film.open().plan()
    found = picking.candidates(film.open(), planned, [planned.step(step)])
    return [f"{each.name} {each.stands}".strip() for each in found]


def test_the_choice_follows_and_nothing_is_bought(film: Film) -> None:
    before, bought = _names(film, "still@s010"), film.bought()
    _rename(film)
    assert film.run() == set()
    assert film.bought() == bought
    assert outcomes(film.report())["clip@s015"] == "reused"
    assert _names(film, "still@s015") == before


def test_without_the_line_it_is_an_orphan_and_the_line_is_said(film: Film) -> None:
    _rename(film, "")
    project = film.open()
    found = orphans(project, project.plan)
    assert found == [Orphan("clip@s010", ""), Orphan("still@s010", "")]
    assert check_lock(film.open()).orphans == found
    film.edit("{{ shot.key }}: ", "")
    film.run("still")
    film.edit("s015: {", "s016: {")
    project = film.open()
    lines = [orphan.line for orphan in orphans(project, project.plan)]
    assert "- {from: still@s015, to: still@s016}" in lines


def test_a_whole_step_is_renamed(film: Film) -> None:
    before, bought = _names(film, "still@s010"), film.bought()
    film.edit("  still:\n", "  board:\n")
    film.edit("out.still", "out.board")
    film.edit("steps:\n", "moved: [{from: still, to: board}]\nsteps:\n")
    assert film.run() == set()
    assert film.bought() == bought
    assert _names(film, "board@s010") == before
    assert check_lock(film.open()).orphans == []
    assert (film.root / "out/board/s010.jpg").exists()
    assert not list((film.root / "out/still").glob("*"))


def test_a_new_choice_is_written_under_the_new_name_only(film: Film) -> None:
    _rename(film)
    _choose(film, "still@s015", _names(film, "still@s015")[0].partition(" ")[0])
    assert sorted(p.name for p in (film.root / "picks/still").iterdir()) == ["s015", "s020"]
    project = film.open()
    planned = project.plan()
    choice = picking.reopen(planned, "still@s015")
    assert choice is not None
    picking.write(project, planned, choice)
    assert sorted(p.name for p in (film.root / "picks/still").iterdir()) == ["s020"]


def test_a_choice_of_before_is_taken_back_under_the_new_name(film: Film) -> None:
    _rename(film)
    project = film.open()
    planned = project.plan()
    choice = picking.reopen(planned, "still@s015")
    assert choice is not None
    picking.write(project, planned, choice)
    assert sorted(p.name for p in (film.root / "picks/still").iterdir()) == ["s020"]
    assert film.open().plan().survey.world.picks.keys() == {"still@s020"}


def test_a_clone_follows_through_lock_and_picks(film: Film, tmp_path: Path) -> None:
    _rename(film)
    (tmp_path / "clone").mkdir()
    clone = Film(tmp_path / "clone", TEXT)
    shutil.copytree(film.root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    shutil.copytree(film.home / "store", clone.home / "store")
    assert clone.run() == set()
    assert clone.bought() == 0
    assert _names(clone, "still@s015") == _names(film, "still@s015")


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ("{from: still@s010, to: still@s015}, {from: still@s010, to: still@s020}", "moves from"),
        ("{from: still@s010, to: still@s015}, {from: still@s011, to: still@s015}", "moves to"),
        ("{from: a, to: b}, {from: b, to: a}", "comes back to itself"),
        ("{from: still@s020, to: still@s015}", "is still there"),
        ("{from: still@s010, to: still@s099}", "there is no"),
    ],
)
def test_moves_that_lead_to_two_places_or_none_are_refused(
    film: Film, moves: str, said: str
) -> None:
    _rename(film, f"moved: [{moves}]\n")
    with pytest.raises(SpecError) as caught:
        film.open().plan()
    assert any(said in problem.message for problem in caught.value.problems)
