"""What one person paid for, another gets from a shared folder: verified, once, and for nothing."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from film import outcomes
from sharing import Team, rewrite

from kinoform.api import pulling, sharing
from kinoform.api.resume import recover
from kinoform.api.setting import Setting
from kinoform.core.canon import dumps
from kinoform.core.errors import EnvError
from kinoform.core.ledger import to_record
from kinoform.core.manifest import recipe_of
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from pathlib import Path

    from film import Film

    from kinoform.core.types import Result


LOCAL = ("clip", "reel", "sheet")  # frames of clips, and what is cut from them


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Ana has made the film and pushed it; Ben has the same pipeline and nothing else."""
    team = Team(tmp_path)
    team.ana.run()
    team.push(team.ana)
    return team


def sealed(body: str) -> str:
    return f"sha256:{sha256(body.encode()).hexdigest()}\n{body}"


def result_of(film: Film, step: str) -> Result:
    home = film.open().home
    key = home.ledger.heads(str(film.root.resolve()))[step, 1]
    return home.ledger.results({key})[key]


def object_of(team: Team, step: str) -> Path:
    digest = result_of(team.ana, step).outputs[0].digest
    return team.folder / "objects" / digest[7:9] / digest[9:]


def record_of(team: Team, step: str) -> Path:
    key = result_of(team.ana, step).key
    return team.folder / "records" / key[:2] / key


def test_a_colleague_with_an_empty_home_buys_nothing(team: Team) -> None:
    carried = team.pull(team.ben)
    assert carried.problems() == ()
    assert team.ben.run() == set()
    assert team.ben.bought() == 0
    assert (team.ben.root / "out/reel.mp4").read_bytes() == (
        team.ana.root / "out/reel.mp4"
    ).read_bytes()


def test_what_was_pulled_says_so_and_was_not_paid_here(team: Team) -> None:
    team.pull(team.ben)
    home = team.ben.open().home
    results = sharing.of_home(home)
    assert {result.origin for result in results} == {"pulled"}
    assert {event.kind for event in home.ledger.events()} == {"result"}
    assert home.ledger.tasks() == ()
    assert home.ledger.heads(str(team.ben.root.resolve())) == {}


def test_progress_counts_just_the_bytes_that_are_copied(team: Team) -> None:
    shutil.rmtree(team.folder)
    counted: list[int] = []
    totals: list[int] = []
    project = team.ana.open()
    shared, results = (
        SharedFolder(team.folder, tell=counted.append),
        sharing.of_project(project.plan()),
    )
    carried = sharing.push(project.home, shared, results, total=totals.append)
    assert [sum(counted)] == totals == [carried.size]


def test_a_second_push_copies_nothing(team: Team) -> None:
    before = {path: path.stat().st_mtime_ns for path in team.files("objects")}
    carried = team.push(team.ana)
    assert (carried.copied, carried.filed, carried.size) == (0, 0, 0)
    assert {path: path.stat().st_mtime_ns for path in team.files("objects")} == before


def test_a_second_pull_copies_nothing(team: Team) -> None:
    team.pull(team.ben)
    carried = team.pull(team.ben)
    assert (carried.copied, carried.filed) == (0, 0)


class Cut(Exception):  # noqa: N818  (what a drive that goes away looks like from here)
    """The line was cut."""


@pytest.mark.parametrize("after", [1, 2, 5, 11, 17])
def test_a_copy_that_was_cut_goes_on_and_leaves_no_half_file(tmp_path: Path, after: int) -> None:
    team, left = Team(tmp_path), [after]
    team.ana.run()

    def cut(_size: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Cut

    with pytest.raises(Cut):
        team.push(team.ana, cut)
    for path in team.files("objects"):
        assert sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name
    assert list((team.folder / "tmp").iterdir()) == []
    first = len(team.files("objects"))
    assert team.push(team.ana).copied == len(team.files("objects")) - first
    left[0] = after
    with suppress(Cut):
        team.pull(team.ben, cut)
    team.pull(team.ben)
    assert team.ben.run() == set()


def test_targets_leave_out_what_they_are_not_made_from(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ana.run()
    project = team.ana.open()
    planned = team.ana.plan("still@s010")
    carried = sharing.push(project.home, SharedFolder(team.folder), sharing.of_project(planned))
    only = [result for result in sharing.of_project(planned) if result.step == "still@s010"]
    assert len(only) == 1
    assert carried.results == len(sharing.of_project(planned))


def test_a_filter_decides_what_is_pushed(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ana.run()
    project = team.ana.open()
    results = sharing.of_project(project.plan())
    shared = SharedFolder(team.folder)
    carried = sharing.push(project.home, shared, results, only=lambda r: r.step == "still@s020")
    assert (carried.results, len(team.files("records"))) == (1, 1)


def test_everything_of_a_home_goes_to_another(team: Team) -> None:
    team.ana.edit("the harbour wakes", "the harbour sleeps")
    team.ana.run()
    home, shared = team.ana.open().home, SharedFolder(team.folder)
    sharing.push(home, shared, sharing.of_home(home))
    other = team.ben.open().home
    carried = pulling.Pull(other, shared, lambda: 0.0).everything()
    assert carried.results == len(sharing.of_home(home)) == len(sharing.of_home(other))


# what is not believed


@pytest.mark.parametrize("data", [b"", b"rotten", b"much longer than what was there before" * 99])
def test_damaged_bytes_are_not_taken(team: Team, data: bytes) -> None:
    rewrite(object_of(team, "still@s010"), data)
    carried = team.pull(team.ben)
    assert carried.absent == ["still@s010"]
    assert "still@s010" in team.ben.run()
    assert result_of(team.ben, "still@s010").origin == "made"


def test_a_damaged_object_in_the_folder_is_replaced_by_the_next_push(team: Team) -> None:
    rewrite(object_of(team, "still@s010"), b"cut")
    assert team.push(team.ana).copied == 1
    assert team.pull(team.ben).absent == []


@pytest.mark.parametrize(
    "text",
    ["", "no seal", "sha256:" + "0" * 64 + "\n{}", sealed("not json"), sealed("[1]"), sealed("{}"),
     sealed("[" * 100_000), sealed('{"schema": 99}')],
)  # fmt: skip
def test_a_record_that_is_none_is_named_and_not_believed(team: Team, text: str) -> None:
    record_of(team, "still@s010").write_text(text, encoding="utf-8")
    carried = team.pull(team.ben)
    assert len(carried.damaged) == 1
    assert {p.code for p in carried.problems()} == {"shared-damaged"}
    assert team.push(team.ana).filed == 1
    assert team.pull(team.ben).damaged == []


def test_a_record_under_another_key_is_not_believed(team: Team) -> None:
    other = record_of(team, "still@s020").read_text("utf-8")
    record_of(team, "still@s010").write_text(other, encoding="utf-8")
    (damaged,) = team.pull(team.ben).damaged
    assert "another key" in damaged[1]


def test_a_record_may_not_claim_another_kind_of_work(team: Team) -> None:
    result = result_of(team.ana, "still@s010")
    body = dumps(to_record(replace(result, kind="local", grade="exact")))
    record_of(team, "still@s010").write_text(sealed(body), encoding="utf-8")
    (damaged,) = team.pull(team.ben).damaged
    assert "manifest" in damaged[1]


def test_links_in_the_folder_are_not_followed(team: Team, tmp_path: Path) -> None:
    place = object_of(team, "still@s010")
    secret = tmp_path / "secret"
    secret.write_bytes(place.read_bytes())
    place.unlink()
    place.symlink_to(secret)
    assert team.pull(team.ben).absent == ["still@s010"]


def test_a_linked_folder_is_neither_read_nor_written(team: Team, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (team.folder / "objects").rename(elsewhere)
    (team.folder / "objects").symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    assert team.pull(team.ben).copied == 0
    team.ana.edit("the harbour wakes", "the harbour sleeps")
    team.ana.run()
    with pytest.raises(EnvError) as error:
        team.push(team.ana)
    assert error.value.problems[0].code == "shared-refused"
    assert sorted(elsewhere.rglob("*")) == before


# what differs


def test_of_two_results_for_one_key_each_side_keeps_its_own(team: Team) -> None:
    team.ben.provider.answer = lambda action: f"another answer to {action.key}".encode()
    team.ben.run("still@s010")
    mine = result_of(team.ben, "still@s010").outputs
    carried = team.pull(team.ben)
    assert carried.differ == ["still@s010"]
    assert result_of(team.ben, "still@s010").outputs == mine
    theirs = record_of(team, "still@s010").read_bytes()
    assert team.push(team.ben).differ == ["still@s010"]
    assert record_of(team, "still@s010").read_bytes() == theirs


def test_lost_bytes_come_back_and_nothing_is_recorded_anew(team: Team) -> None:
    team.ana.delete("still@s030")
    team.ana.delete("edit@s030")
    events = len(list(team.ana.open().home.ledger.events()))
    carried = team.pull(team.ana)
    assert (carried.copied, carried.filed) == (2, 0)
    assert len(list(team.ana.open().home.ledger.events())) == events
    assert "lost" not in outcomes(team.ana.report()).values()


def test_bytes_that_are_not_here_are_not_pushed_and_named(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ana.run()
    team.ana.delete("still@s030")
    carried = team.push(team.ana)
    assert carried.absent == ["still@s030"]
    assert carried.problems()[0].severity == "warning"


def test_what_a_run_works_on_is_left_to_it(team: Team) -> None:
    key = result_of(team.ana, "still@s010").key
    with team.ben.open().home.locks.hold(key, lambda _who: None):
        carried = team.pull(team.ben)
    assert len(carried.busy) == 1
    assert team.pull(team.ben).busy == []


# where it lies


def test_a_folder_that_nobody_pushed_to_is_no_shared_folder(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(EnvError) as error:
            SharedFolder(folder).look()
        assert error.value.problems[0].code == "no-shared-folder"


def test_a_folder_below_one_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(EnvError) as error:
        SharedFolder(tmp_path / "drive" / "team").begin()
    assert "mounted" in error.value.problems[0].hint
    assert not (tmp_path / "drive").exists()


def test_what_cannot_be_made_again_should_lie_in_two_stores(team: Team) -> None:
    ana, ben = team.ana.open(), team.ben.open()
    assert sharing.alone(ana.home, sharing.of_project(ana.plan())) == []
    team.ana.edit("the harbour wakes", "the harbour sleeps")
    team.ana.run()
    single = sharing.alone(ana.home, sharing.of_project(team.ana.plan()))
    assert {result.step for result in single} == {"still@s060", "edit@s060", "clip@s060"}
    team.ben.run()
    assert sharing.alone(ben.home, sharing.of_project(team.ben.plan())) == []  # never shared


def test_colleagues_can_read_what_was_pushed(team: Team) -> None:
    mask = os.umask(0)
    os.umask(mask)
    for path in (*team.files("objects"), *team.files("records")):
        assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_record_is_one_sealed_line_of_canonical_json(team: Team) -> None:
    seal, _, body = record_of(team, "still@s010").read_text("utf-8").partition("\n")
    assert seal == f"sha256:{sha256(body.encode()).hexdigest()}"
    assert dumps(json.loads(body)) == body


def test_in_a_fresh_clone_the_lock_names_the_bytes_and_the_folder_brings_them(team: Team) -> None:
    shutil.copytree(team.ana.root / "kinoform.lock", team.ben.root / "kinoform.lock")
    for path in team.files("records"):
        path.unlink()
    carried = team.pull(team.ben)
    assert carried.problems() == ()
    assert team.ben.bought() == 0
    assert all(step.partition("@")[0] in LOCAL for step in team.ben.run())
    assert team.ben.bought() == 0


def test_what_was_picked_is_shared_by_its_bytes_whatever_recipe_it_is_from(team: Team) -> None:
    result = result_of(team.ana, "still@s060")
    line = f"{result.outputs[0].digest} of {recipe_of(result.manifest)} take 1 | ana | 2026-11-20\n"
    for film in (team.ana, team.ben):
        (film.root / "picks/still").mkdir(parents=True)
        (film.root / "picks/still/s060").write_text(line)
        film.edit("the harbour wakes", "the harbour sleeps")
    shutil.rmtree(team.folder)
    planned, home = team.ana.plan(), team.ana.open().home
    shared, loose = SharedFolder(team.folder), sharing.chosen(planned)
    only = sharing.among(loose)
    carried = sharing.push(home, shared, sharing.of_project(planned), loose, only=only)
    assert carried.copied == 1
    team.pull(team.ben)
    assert team.ben.open().home.store.has({loose[0].digest}) == {loose[0].digest}


def test_what_was_picked_comes_with_its_record_where_a_lock_names_it(team: Team) -> None:
    result = result_of(team.ana, "still@s060")
    line = f"{result.outputs[0].digest} of {recipe_of(result.manifest)} take 1 | ana | 2026-11-20\n"
    (team.ana.root / "picks/still").mkdir(parents=True)
    (team.ana.root / "picks/still/s060").write_text(line)
    for name in ("kinoform.lock", "picks"):
        shutil.copytree(team.ana.root / name, team.ben.root / name)
    carried = team.pull(team.ben)
    assert carried.filed == carried.results == len(sharing.of_home(team.ana.open().home))
    assert team.ben.open().home.ledger.results({result.key})[result.key].manifest == result.manifest


def test_what_is_lost_comes_back_from_a_folder_that_was_used_before(team: Team) -> None:
    team.ana.delete("still@s030")
    team.ana.delete("reel")
    project = team.ana.open()
    planned = project.plan()
    assert {d.step for d in planned.plan.decisions if d.verdict == "lost"} == {"still@s030"}
    lost, shown = result_of(team.ana, "still@s030"), team.ana.root / "out"
    shutil.rmtree(shown)  # which would do as well
    assert recover(project.home, Setting(), {lost.key: lost}, team.ana.root) == {lost.key}
    assert team.ana.run() == {"reel"}
    assert team.ana.bought() == 18


def test_a_folder_that_is_not_there_just_now_is_passed_over(team: Team) -> None:
    team.ana.delete("still@s030")
    home = team.ana.open().home
    results = [result_of(team.ana, "still@s030")]
    team.folder.rename(team.folder.with_name("unmounted"))
    assert pulling.restore(home, results) == frozenset()
    team.folder.with_name("unmounted").rename(team.folder)
    assert pulling.restore(home, results) == {results[0].key}
