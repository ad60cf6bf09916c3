"""New bytes that count as old ones: what was made from the old stays valid, and nothing is bought."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from desk import Desk, at_home
from film import ENOUGH, Film, executed

from kinoform.api import adopting, picking
from kinoform.api.garbage import look
from kinoform.api.picking import Said
from kinoform.api.project import Asked
from kinoform.cli.exits import Exit
from kinoform.core.garbage import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = """\
kinoform: 1
name: same
shots: {s010: {does: a lamp}, s020: {does: a hand}}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "{{ shot.does }}", size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    foreach: shots
    with:
      prompt: it turns
      first_frame: ${{ out.clip.prev.last_frame or out.still }}
      last_frame: ${{ out.still }}
      duration: 5
  sheet:
    uses: local/contact-sheet
    with: {images: "${{ out.still.all }}"}
"""


class Grader(Desk):
    """Somebody who grades stills by hand."""

    def __init__(self, film: Film, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(film.root, capsys)
        self.film = film

    def adopt(self, step: str, data: bytes) -> tuple[str, str]:
        """Let a file stand for a step; the digests of what stood before, and of the file."""
        file = self.film.root.parent / "retouched"
        file.write_bytes(data)
        project = self.film.open()
        planned = project.plan()
        found = picking.candidates(project, planned, [planned.step(step)])
        old = next(each.digest for each in found if each.stands)
        blob = adopting.take_in(project, planned.step(step), file)
        choice = adopting.adopt(project, planned, planned.step(step), blob, Said("ana"))
        assert choice is not None
        picking.write(project, planned, choice)
        return old[7:27], blob.digest[7:27]


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path, TEXT)
    made.run()
    return made


@pytest.fixture
def desk(film: Film, capsys: pytest.CaptureFixture[str]) -> Iterator[Grader]:
    with at_home(film.home):
        yield Grader(film, capsys)


def test_clips_of_the_old_still_stay_valid_for_the_new_one(desk: Grader) -> None:
    bought = desk.film.bought()
    old, new = desk.adopt("still@s010", b"regraded")
    assert desk("equate", old, new, "--by", "ana", "--why", "only the grading") == Exit.DONE
    assert desk.err == "keeps clip@s010, clip@s020 valid: $1.12\n"
    assert desk.out == f"still@s010: {new[:12]} counts as {old[:12]}\n"
    # What is made here shows the new still; what costs money stays.
    assert desk.film.run() == {"sheet"}
    assert desk.film.bought() == bought
    line = (desk.film.root / "picks/still/s010").read_text("utf-8").splitlines()[1]
    assert line.startswith(f"equate sha256:{new}")
    assert line.endswith(" | only the grading")


def test_the_plan_and_why_say_so(desk: Grader) -> None:
    old, new = desk.adopt("still@s020", b"regraded")
    desk("equate", old, new, "--by", "ana", "--why", "only the grading")
    desk("why", "clip@s020")
    assert "still@s020 counts as what this was made from (equated by ana, " in desk.out
    assert ": only the grading)" in desk.out
    (row,) = [row for row in desk.json("plan")["steps"] if row["id"] == "clip@s020"]
    assert (row["verdict"], row["reasons"][0]["kind"]) == ("reuse", "equated")


def test_taken_back_it_is_as_if_nobody_had_said_it(desk: Grader) -> None:
    old, new = desk.adopt("still@s010", b"regraded")
    picks = (desk.film.root / "picks/still/s010").read_text("utf-8")
    before = desk.film.plan().plan.fingerprint
    desk("equate", old, new)
    assert desk.film.plan().plan.fingerprint != before
    told = desk.json("equate", old, new, "--undo")["equates"]
    assert [(each["undone"], each["steps"], each["price"]) for each in told] == [
        (True, ["clip@s010", "clip@s020"], "1.12")
    ]
    assert (desk.film.root / "picks/still/s010").read_text("utf-8") == picks
    assert desk.film.plan().plan.fingerprint == before
    assert desk("equate", old, new, "--undo") == Exit.USAGE
    assert "error[equate-unknown]" in desk.err


def test_what_runs_for_another_reason_is_made_from_the_new_bytes_and_stays_so(desk: Grader) -> None:
    old, new = desk.adopt("still@s020", b"regraded")
    desk("equate", old, new)
    desk.film.edit("it turns", "it turns slowly")
    assert "clip@s020" in desk.film.run()
    bought = desk.film.bought()
    clip = [t for t in desk.film.open().home.ledger.tasks() if t.step == "clip@s020"][-1]
    assert f"sha256:{new}" in json.dumps(clip.data["action"]["manifest"])
    assert f"sha256:{old}" not in json.dumps(clip.data["action"]["manifest"])
    desk("equate", old, new, "--undo")
    assert desk.film.run() == set()
    assert desk.film.bought() == bought


def test_one_leads_to_the_next_whatever_each_was_made_from(desk: Grader) -> None:
    bought = desk.film.bought()
    for data in (b"regraded", b"regraded twice"):
        for step in ("still@s010", "still@s020"):
            desk("equate", *desk.adopt(step, data))
            assert "clip" not in " ".join(desk.film.run())
    assert desk.film.bought() == bought


def test_a_clone_follows_what_was_said(desk: Grader, tmp_path: Path) -> None:
    desk("equate", *desk.adopt("still@s010", b"regraded"))
    (tmp_path / "clone").mkdir()
    clone = Film(tmp_path / "clone", TEXT)
    root = desk.film.root
    shutil.copytree(root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    shutil.copytree(desk.film.home / "store", clone.home / "store")
    assert not any("clip@" in name and "." not in name for name in executed(clone.report()))
    assert clone.bought() == 0


def test_takes_are_named_by_their_names(desk: Grader) -> None:
    project = desk.film.open()
    project.run(project.plan(Asked(["still@s010"], retake=True)), ENOUGH)
    rows = desk.json("history", "still@s010")["artifacts"]
    first, second = (row["name"] for row in rows)
    desk("pick", "still@s010", second)
    assert desk("equate", first, second) == Exit.DONE
    assert "clip@s010" in desk.err
    assert desk("equate", first, second) == Exit.DONE
    assert desk.out == "this was said already\n"
    assert desk("equate", first, first) == Exit.USAGE
    assert desk("equate", first) == Exit.USAGE
    assert desk("equate", first, second, "--undo") == Exit.DONE


def test_a_retake_of_what_stands_on_old_bytes_is_of_the_recipe_of_today(desk: Grader) -> None:
    old, new = desk.adopt("still@s010", b"regraded")
    desk("equate", old, new)
    before = (desk.film.root / "out/clip/s010.mp4").read_bytes()
    project = desk.film.open()
    report = project.run(project.plan(Asked(["clip@s010"], retake=True)), ENOUGH)
    (made,) = [each for each in report.steps if each.outcome == "done" and "clip" in each.step]
    assert made.take == 2
    assert (desk.film.root / "out/clip/s010.mp4").read_bytes() == before
    assert desk.film.run("clip") == set()


def test_bytes_that_something_counts_as_are_never_garbage(desk: Grader) -> None:
    old, new = desk.adopt("still@s010", b"regraded")
    desk("equate", old, new)
    fates = look(desk.film.open().home, Policy(days=0, paid=True), 4e9).fates
    gone = {fate.thing.digest for fate in fates if fate.goes}
    assert not any(digest[7:27] in (old, new) for digest in gone)
