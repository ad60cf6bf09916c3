"""What a step ever had is listed, and anything of it can stand again, for nothing."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk, at_home
from film import ENOUGH, Film
from sharing import objects

from kinoform.api import adopting, picking, sharing
from kinoform.api.fsck import fsck
from kinoform.api.garbage import look
from kinoform.api.picking import Said
from kinoform.api.project import Asked
from kinoform.api.pulling import Pull
from kinoform.cli.exits import Exit
from kinoform.core.garbage import DAY, Policy
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kinoform.core.types import Blob

TEXT = """\
kinoform: 1
name: past
steps:
  still:
    uses: runware/klingai:kling-image@o3
    with: {prompt: a lamp, size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    with: {prompt: it turns, first_frame: "${{ out.still }}", duration: 5}
"""


class Archivist(Desk):
    """Somebody who looks for what there was."""

    def __init__(self, film: Film, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(film.root, capsys)
        self.film = film

    def history(self, *words: str) -> list[dict[str, Any]]:
        """The artifacts that are listed."""
        found: list[dict[str, Any]] = self.json("history", *(words or ("still",)))["artifacts"]
        return found


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """A film whose still was made by two recipes, with one more take of the second."""
    made = Film(tmp_path, TEXT)
    made.run()
    made.edit("a lamp", "a lantern")
    made.run()
    project = made.open()
    project.run(project.plan(Asked(["still"], retake=True)), ENOUGH)
    return made


@pytest.fixture
def desk(film: Film, capsys: pytest.CaptureFixture[str]) -> Iterator[Archivist]:
    with at_home(film.home):
        yield Archivist(film, capsys)


def _adopt(film: Film, data: bytes) -> Blob:
    file = film.root.parent / "retouched.jpg"
    file.write_bytes(data)
    project = film.open()
    planned = project.plan()
    step = planned.step("still")
    blob = adopting.take_in(project, step, file)
    choice = adopting.adopt(project, planned, step, blob, Said("ana"))
    assert choice is not None
    assert picking.write(project, planned, choice) == ()
    return blob


def test_everything_is_listed_in_the_order_in_which_it_came(desk: Archivist) -> None:
    found = desk.history()
    assert [(row["take"], row["current"], row["stands"]) for row in found] == [
        (1, False, None),
        (1, True, "first"),
        (2, True, None),
    ]
    assert {row["by"] for row in found} == {"runware/klingai:kling-image@o3"}
    assert {row["paid"] for row in found} == {"0.01"}
    assert all(row["made"].endswith("Z") and row["present"] for row in found)
    assert found[1]["path"].endswith("_t01.jpg")
    assert found[2]["path"].endswith("_t02.jpg")
    assert desk("history", "still") == Exit.DONE
    assert len(desk.out.splitlines()) == 1 + 3


def test_what_was_lost_is_listed_and_told_from_what_is_here(desk: Archivist) -> None:
    first = desk.history()[0]["digest"]
    for path in desk.film.home.rglob(f"*{first.removeprefix('sha256:')[2:]}"):
        path.unlink()
    assert [row["present"] for row in desk.history()] == [False, True, True]
    desk("history", "still")
    assert "its bytes are not here" in desk.out


def test_it_goes_with_a_name_that_was_moved_and_into_a_clone(
    desk: Archivist, tmp_path: Path
) -> None:
    before = [row["digest"] for row in desk.history()]
    desk.film.edit("  still:", "  board:")
    desk.film.edit("out.still", "out.board")
    desk.film.edit("steps:\n", "moved: [{from: still, to: board}]\nsteps:\n")
    assert [row["digest"] for row in desk.history("board")] == before
    os.environ["KINOFORM_HOME"] = str(tmp_path / "other home")
    found = desk.history("board")
    assert {row["digest"] for row in found} == set(before)
    assert {(row["made"], row["present"]) for row in found} == {(None, False)}


def test_what_is_restored_stands_again_and_costs_nothing(desk: Archivist) -> None:
    old, bought = desk.history()[0], desk.film.bought()
    assert desk("restore", "still", old["digest"][7:17], "--by", "ana", "--why", "softer") == 0
    # The clip of the older still is there, too: nothing becomes stale.
    assert desk.out == f"still: {old['name']} stands again\n"
    assert desk.err == ""
    assert desk.film.run() == set()
    assert desk.film.bought() == bought
    assert [row["stands"] for row in desk.history()] == ["chosen", None, None]
    line = (desk.film.root / "picks/still/_").read_text("utf-8")
    assert line.endswith(" | softer\n")


def test_what_becomes_stale_is_said_in_dollars_before_it_is_written(desk: Archivist) -> None:
    extra = desk.history()[2]
    assert desk("restore", "still", extra["name"], "--by", "ana") == Exit.DONE
    assert desk.err == "makes clip stale: $0.56\n"
    assert (desk.film.root / "out/still.jpg").read_bytes() == (
        desk.film.root / extra["path"]
    ).read_bytes()


def test_a_file_that_was_deleted_from_out_comes_back(desk: Archivist) -> None:
    stands = desk.history()[1]
    desk("restore", "still", stands["digest"], "--by", "ana")
    shown = desk.film.root / "out/still.jpg"
    data = shown.read_bytes()
    shown.unlink()
    assert desk("restore", "still", stands["digest"]) == Exit.DONE
    assert desk.out == f"still: {stands['name']} stands already\n"
    assert shown.read_bytes() == data


def test_lost_bytes_are_taken_from_out_where_it_still_shows_them(desk: Archivist) -> None:
    extra = desk.history()[2]
    for path in desk.film.home.rglob(f"*{extra['digest'].removeprefix('sha256:')[2:]}"):
        path.unlink()
    assert desk("restore", "still", extra["name"], "--by", "ana") == Exit.DONE
    assert desk.history()[2]["stands"] == "chosen"
    assert desk.history()[2]["present"]


def test_lost_bytes_that_are_nowhere_cannot_stand(desk: Archivist) -> None:
    old, bought = desk.history()[0], desk.film.bought()
    for path in desk.film.home.rglob(f"*{old['digest'].removeprefix('sha256:')[2:]}"):
        path.unlink()
    assert desk("restore", "still", old["digest"]) == Exit.SPEND
    assert "error[restore-without-bytes]" in desk.err
    assert not (desk.film.root / "picks").exists()
    assert desk.film.bought() == bought


@pytest.mark.parametrize("words", [(), ("still",), ("still", "ffffffffff"), ("nose", "1")])
def test_words_that_name_nothing_are_refused(desk: Archivist, words: tuple[str, ...]) -> None:
    assert desk("restore", *words) == Exit.USAGE
    assert not (desk.film.root / "picks").exists()


def test_files_made_by_hand_are_kept_and_stand_again(desk: Archivist) -> None:
    one = _adopt(desk.film, b"by hand")
    _adopt(desk.film, b"by hand, later")
    found = desk.history()
    assert [(row["by"], row["stands"]) for row in found[3:]] == [
        ("adopted", None),
        ("adopted", "adopted"),
    ]
    assert desk("restore", "still", one.digest, "--by", "ben") == Exit.DONE
    assert (desk.film.root / "out/still.jpg").read_bytes() == b"by hand"
    assert (desk.film.root / "picks/still/_").read_text("utf-8").startswith(f"adopt {one.digest}")


def test_a_clone_knows_what_was_adopted_and_what_it_is_like(film: Film, tmp_path: Path) -> None:
    blob = _adopt(film, b"by hand")
    (tmp_path / "clone").mkdir()
    clone = Film(tmp_path / "clone", TEXT)
    shutil.copytree(film.root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    assert clone.open().plan(Asked(lock=True)).survey.world.chosen == {"still": blob}
    shared = SharedFolder(tmp_path / "team")
    home, planned = film.open().home, film.open().plan()
    sharing.push(home, shared, sharing.of_project(planned), sharing.chosen(planned))
    project = clone.open()
    carried = Pull(project.home, shared, project.now).project(project.plan(Asked(lock=True)))
    assert carried.damaged == []
    assert project.home.store.has({blob.digest}) == {blob.digest}
    assert clone.run() == {"clip"}


def test_what_was_adopted_is_never_garbage_and_its_loss_is_found(film: Film) -> None:
    blobs = {_adopt(film, b"by hand").digest, _adopt(film, b"by hand, later").digest}
    late = max(path.stat().st_mtime for path in objects(film.home)) + 400 * DAY
    fates = look(film.open().home, Policy(days=0), late).fates
    assert {fate.goes for fate in fates if fate.thing.digest in blobs} == {False}
    assert fsck(film.home).clean
    for digest in blobs:
        for path in film.home.rglob(f"*{digest.removeprefix('sha256:')[2:]}"):
            path.unlink()
    assert set(fsck(film.home).lost) == blobs


def test_adopting_costs_nothing_in_the_books(film: Film) -> None:
    before = sum((task.paid for task in film.open().home.ledger.tasks()), Decimal(0))
    _adopt(film, b"by hand")
    assert sum((task.paid for task in film.open().home.ledger.tasks()), Decimal(0)) == before
