"""`out/` shows what is current, and nothing that a person made is ever overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from film import executed, outcomes

from kinoform.api.watch import Watch
from kinoform.core.errors import EnvError
from kinoform.stores.scratch import boot

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from film import Film

    from kinoform.core.types import Event


COUNTED = """\
kinoform: 1
name: x
shots: {s: {n: 2}, s_1: {n: 1}}
steps:
  a:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "a lamp {{ shot.key }}", size: "1K 1:1", count: "${{ shot.n }}"}
"""


def test_every_visible_step_has_its_file(made: Film) -> None:
    names = {
        p.relative_to(made.root).as_posix() for p in (made.root / "out").rglob("*") if p.is_file()
    }
    assert {"out/still/s010.jpg", "out/clip/s060.mp4", "out/reel.mp4", "out/sheet.jpg"} <= names
    assert len(names) == 20


def test_drafts_are_shown_apart(film: Film) -> None:
    film.run(draft="all")
    assert (film.root / "out/draft/still/s010.jpg").is_file()
    assert not (film.root / "out/still").exists()


def test_a_deleted_file_is_shown_again_and_nothing_runs(made: Film) -> None:
    path = made.root / "out/still/s010.jpg"
    path.unlink()
    assert made.run() == set()
    assert path.is_file()


def test_beside_an_edit_what_is_settled_is_shown_again_where_it_is_gone(made: Film) -> None:
    gone, retouched = made.root / "out/still/s010.jpg", made.root / "out/still/s020.jpg"
    gone.unlink()
    retouched.chmod(0o644)
    retouched.write_bytes(b"retouched by hand")
    made.edit("the harbour wakes", "the harbour sleeps")
    report = made.report()
    assert {outcomes(report)[f"still@s0{n}0"] for n in (1, 2)} == {"reused"}
    assert gone.is_file()
    assert retouched.read_bytes() == b"retouched by hand"
    (note,) = report.notes
    assert (note.code, "out/still/s020.jpg" in note.message) == ("view-file-changed", True)


def test_an_edit_replaces_the_file_and_the_store_keeps_the_old_one(made: Film) -> None:
    path = made.root / "out/still/s060.jpg"
    before = path.read_bytes()
    made.edit("the harbour wakes", "the harbour sleeps")
    made.run()
    assert path.read_bytes() != before
    made.edit("the harbour sleeps", "the harbour wakes")
    assert made.run() == set()
    assert path.read_bytes() == before


def test_a_retouched_file_is_left_alone_and_named(made: Film) -> None:
    path = made.root / "out/still/s010.jpg"
    path.chmod(0o644)
    path.write_bytes(b"retouched by hand")
    made.edit("Mara climbs the stair", "Mara descends the stair")
    report = made.report()
    assert path.read_bytes() == b"retouched by hand"
    (note,) = report.notes
    assert (note.code, "out/still/s010.jpg" in note.message) == ("view-file-changed", True)


def test_nothing_is_written_through_a_link(made: Film, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (made.root / "out").rename(made.root / "old")
    (made.root / "out").symlink_to(outside)
    assert {note.code for note in made.report().notes} == {"view-is-a-link", "view-not-written"}
    assert list(outside.iterdir()) == []


def test_what_stands_in_the_way_of_one_file_stops_nothing_and_loses_nothing(film: Film) -> None:
    (film.root / "out/still/s010.jpg").mkdir(parents=True)
    (film.root / "out/clip").write_text("a file where a folder belongs")
    report = film.report()
    assert report.counts()["failed"] == 0
    assert {note.code for note in report.notes} == {"view-not-written"}
    assert (film.root / "out/reel.mp4").is_file()
    bought = film.bought()
    (film.root / "out/still/s010.jpg").rmdir()
    (film.root / "out/clip").unlink()
    assert film.run() == set()
    assert (film.bought(), (film.root / "out/clip/s060.mp4").is_file()) == (bought, True)


def test_nothing_is_bought_when_nothing_can_be_shown(film: Film) -> None:
    (film.root / "out").write_text("a file where the folder belongs")
    with pytest.raises(EnvError):
        film.report()
    assert film.bought() == 0


def test_damage_found_while_showing_fails_the_step_and_is_mended_next_time(made: Film) -> None:
    path = made.root / "out/reel.mp4"
    (stored,) = (p for p in made.home.rglob("objects/*/*") if p.read_bytes() == path.read_bytes())
    stored.chmod(0o644)
    stored.write_bytes(b"rotten")
    path.unlink()
    report = made.report()
    assert (outcomes(report)["reel"], outcomes(report)["sheet"]) == ("failed", "reused")
    assert made.run() == {"reel"}
    assert path.is_file()


def test_another_format_takes_the_place_of_the_old_file(made: Film) -> None:
    made.edit('does }}", size: "1K 16:9"', 'does }}", format: PNG, size: "1K 16:9"')
    folder = made.root / "out/still"
    (folder / "s020.jpg").chmod(0o644)
    (folder / "s020.jpg").write_bytes(b"retouched by hand")
    made.run()
    kept = {"s020.jpg", *(f"s0{n}0.png" for n in range(1, 7))}
    assert {path.name for path in folder.iterdir()} == kept
    made.edit("format: PNG, ", "")
    made.report()
    assert {path.name for path in folder.iterdir()} == {f"s0{n}0.jpg" for n in range(1, 7)}


def test_an_old_file_stays_when_it_is_the_last_copy(made: Film) -> None:
    old = made.root / "out/still/s010.jpg"
    for path in made.home.rglob("objects/*/*"):
        if path.read_bytes() == old.read_bytes():
            path.unlink()
    made.edit('does }}", size: "1K 16:9"', 'does }}", format: PNG, size: "1K 16:9"')
    made.run()
    assert old.is_file()
    assert not old.with_name("s020.jpg").exists()


def test_two_results_of_one_name_are_said_and_never_fight_over_the_file(film: Film) -> None:
    film.write(COUNTED)
    reports = [film.report(), film.report()]
    for report in reports:
        (note,) = report.notes
        assert (note.code, "s_1" in note.message) == ("view-name-taken", True)
    assert executed(reports[1]) == set()


def test_half_copies_of_a_killed_run_go_when_their_folder_is_written_next(made: Film) -> None:
    folder = made.root / "out/still"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (folder / f".{dead.pid}-{boot()}-{'0' * 12}").write_bytes(b"half")
    mine = folder / f".{os.getpid()}-{boot()}-{'0' * 12}"
    mine.write_bytes(b"of one that lives")
    (folder / "s010.jpg").unlink()
    made.run()
    assert list(folder.glob(".*")) == [mine]


def test_an_export_is_a_copy_where_the_file_says(film: Film) -> None:
    film.edit("models:", "exports: [{as: file, of: reel, to: delivery/lamp.mp4}]\nmodels:")
    film.run()
    assert (film.root / "delivery/lamp.mp4").read_bytes() == (
        film.root / "out/reel.mp4"
    ).read_bytes()


def test_real_results_are_used_where_they_exist_and_drafts_elsewhere(film: Film) -> None:
    film.run("still")
    bought = film.bought()
    planned = film.plan(draft="missing")
    kinds = {s.name: s.op.kind for s in planned.graph.steps}
    assert (kinds["still"], kinds["edit"], kinds["clip"]) == ("hosted", "draft", "draft")
    film.run(draft="missing")
    assert film.bought() == bought


def test_behind_a_real_result_whose_bytes_are_gone_everything_is_drafted(film: Film) -> None:
    film.run("edit")
    bought = film.bought()
    for step in ("still@s020", "still@s030"):
        film.delete(step)
    planned = film.plan(draft="missing")
    kinds = {step.id: step.op.kind for step in planned.graph.steps}
    assert kinds["still@s020"] == kinds["edit@s020"] == kinds["edit@s030"] == "draft"
    assert kinds["still@s010"] == kinds["edit@s010"] == "hosted"
    assert planned.plan.price.worst == 0
    film.run(draft="missing")
    assert film.bought() == bought


def test_a_request_to_stop_finishes_what_works_and_starts_nothing_new(film: Film) -> None:
    project = film.open(draft="all")
    planned = project.plan()
    stops: list[Callable[[], None]] = []

    def signals(press: Callable[[], None]) -> AbstractContextManager[None]:
        stops.append(press)
        return nullcontext()

    def tell(event: Event) -> None:
        if event.kind == "started":
            stops.pop()() if stops else None

    report = project.run(planned, watch=Watch(tell, signals))
    assert report.interrupted
    assert report.counts()["done"] == 1
    assert report.counts()["waiting"] == len(planned.plan.decisions) - 1
    assert film.run(draft="all")
    assert film.run(draft="all") == set()
