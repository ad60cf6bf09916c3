"""`push`, `pull`, `fsck`, `gc` and the grade in `status`, as they are typed and read."""

from __future__ import annotations

import os
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest
from desk import Typed, at_home
from film import Film
from sharing import objects, rewrite

from kinoform.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Colleagues(Typed):
    """A film that was made, and the homes of two people."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(capsys)
        self.root = root
        self.film = Film(root)
        self.film.run()

    def sit(self, name: str) -> None:
        """Use this home from now on."""
        os.environ["KINOFORM_HOME"] = str(self.root / name)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Colleagues]:
    desk = Colleagues(tmp_path, capsys)
    with at_home(tmp_path / "home"), chdir(tmp_path):
        yield desk


def test_a_film_goes_to_a_colleague(desk: Colleagues) -> None:
    pushed = desk.json("push", "team", "film")
    assert (pushed["way"], pushed["problems"]) == ("push", [])
    assert pushed["filed"] == pushed["results"] > 20
    assert pushed["copied"] == len(objects(desk.root / "home"))
    desk.sit("other")
    pulled = desk.json("pull", "team", "-C", "film")
    assert (pulled["results"], pulled["copied"]) == (pushed["results"], pushed["copied"])
    assert desk.json("plan", "film")["price"]["worst"] == "0"


def test_the_end_is_one_line(desk: Colleagues) -> None:
    assert desk("push", "team", "film") == Exit.DONE
    assert desk.out.count("\n") == 1
    assert f"results in {desk.root / 'team'}" in desk.out
    assert desk("push", "team", "film", "still@s010") == Exit.DONE
    assert "1 result in" in desk.out
    assert "0 objects copied (0 bytes), 1 were there" in desk.out


def test_everything_needs_no_project(desk: Colleagues) -> None:
    assert desk("push", "team", "--all") == Exit.DONE
    desk.sit("other")
    assert desk.json("pull", "team", "--all")["filed"] > 20


def test_what_was_picked_is_a_choice_of_its_own(desk: Colleagues) -> None:
    assert desk.json("push", "team", "film", "--picked")["copied"] == 0
    assert desk("push", "team", "film", "--picked", "--all") == Exit.USAGE


def test_a_film_in_the_place_of_the_shared_folder_is_refused_and_left_as_it_is(
    desk: Colleagues,
) -> None:
    before = sorted((desk.root / "film").iterdir())
    assert desk("push", "film") == Exit.USAGE
    assert "hint: kinoform push DIR film" in desk.err
    assert sorted((desk.root / "film").iterdir()) == before


def test_a_pull_from_nowhere_says_so(desk: Colleagues) -> None:
    assert desk("pull", "nowhere", "film") == Exit.ENVIRONMENT
    assert "no-shared-folder" in desk.err


def test_damage_in_the_folder_is_told_by_the_status(desk: Colleagues) -> None:
    desk("push", "team", "film")
    for path in (desk.root / "team" / "records").glob("*/*"):
        rewrite(path, b"rotten")
    desk.sit("other")
    assert desk("pull", "team", "film") == Exit.ENVIRONMENT
    assert "shared-damaged" in desk.err


def test_fsck_names_what_is_damaged_and_repairs_it(desk: Colleagues) -> None:
    assert desk("fsck") == Exit.DONE
    assert "everything is whole" in desk.out
    desk("push", "team", "film")
    place = objects(desk.root / "home")[0]
    digest = f"sha256:{place.parent.name}{place.name}"
    rewrite(place, b"rotten")
    found = desk.json("fsck", "--from", "team")
    assert [(row["digest"], row["repaired"]) for row in found["damaged"]] == [(digest, True)]
    assert not found["clean"]
    rewrite(place, b"rotten")
    assert desk("fsck", "--from", "team") == Exit.ENVIRONMENT
    assert digest in desk.out
    assert desk("fsck", "--from", "team") == Exit.DONE


@pytest.mark.parametrize("word", ["0/3", "4/3", "x", "1/", "1/0", "-1/3", "²/3", "1/999999999999"])
def test_a_part_that_is_none_is_refused(desk: Colleagues, word: str) -> None:
    assert desk("fsck", "--subset", word) == Exit.USAGE
    assert "bad-subset" in desk.err


def test_a_part_reads_a_part(desk: Colleagues) -> None:
    whole = desk.json("fsck")["objects"]
    assert desk.json("fsck", "--subset", "1/2")["objects"] < whole


def test_gc_shows_before_it_removes(desk: Colleagues) -> None:
    desk.film.edit("the harbour wakes", "the harbour sleeps")
    desk.film.run()
    assert desk("gc") == Exit.DONE
    assert "nothing to remove" in desk.out
    for path in objects(desk.root / "home"):
        os.utime(path, (0, 0))
    assert desk("gc", "--older-than", "0") == Exit.DONE
    assert "local results" in desk.out
    assert "2 objects to remove" in desk.out
    before = len(objects(desk.root / "home"))
    found = desk.json("gc", "--older-than", "0", "--yes")
    assert (found["done"], found["removed"]) == (True, 2)
    assert len(objects(desk.root / "home")) == before - 2
    assert desk("gc", "--older-than", "0", "--all") == Exit.DONE
    assert "stays:" in desk.out


def test_what_was_paid_for_goes_by_age_only(desk: Colleagues) -> None:
    assert desk("gc", "--paid", "--yes") == Exit.USAGE
    assert "paid-needs-age" in desk.err


def test_status_says_the_grade_of_the_build_and_its_weakest_link(desk: Colleagues) -> None:
    assert desk("status", "film") == Exit.DONE
    assert "reel: archived (weakest: still@s010, 14 hosted results)" in desk.out
    assert "sheet: archived (weakest: still@s010, 12 hosted results)" in desk.out
    assert "one-copy" not in desk.err
    said = desk.json("status", "film")
    assert said["grade"] == "archived"
    assert {row["grade"] for row in said["artifacts"] if row["step"] == "still@s010"} == {
        "archived"
    }


def test_status_warns_of_single_copies_once_a_folder_was_used(desk: Colleagues) -> None:
    desk("push", "team", "film", "still@s010")
    desk("status", "film")
    assert "one-copy" in desk.err
    assert "17 results that cannot be made again" in desk.err
    desk("push", "team", "film")
    desk("status", "film")
    assert "one-copy" not in desk.err
