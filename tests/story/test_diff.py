"""Two states of a film from git: what differs, what it cost and will cost, and nothing is touched."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from branches import commit, git
from film import Film
from PIL import Image

from kinoform.api import diffing
from kinoform.api.setting import Setting
from kinoform.core.errors import SpecError, UsageError
from kinoform.views import diff as views

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.api.diffing import Compared


@pytest.fixture
def told(film: Film) -> Film:
    """The film in git, made, and committed once."""
    film.run()
    git(film, "init", "-q", "-b", "main")
    (film.root / ".gitignore").write_text("out/\n", encoding="utf-8")
    commit(film, "six shots")
    return film


def _diff(film: Film, words: str) -> Compared:
    return diffing.of_revisions(film.open(), Setting(), words)


def _kinds(found: Compared) -> dict[str, str]:
    return {change.step: change.kind for change in found.changes}


def test_two_equal_states_differ_in_nothing(told: Film) -> None:
    found = _diff(told, "HEAD..HEAD")
    assert found.changes == ()
    assert list(views.summary(found.changes, found.sides)) == [
        "0 steps differ",
        "cut: 29 s",
        "spent: $0.18",
        "to spend: nothing",
    ]


def test_an_edit_shows_its_words_what_follows_and_the_money(told: Film) -> None:
    told.edit("the harbour wakes", "the harbour sleeps")
    commit(told, "night")
    found = _diff(told, "HEAD~1..HEAD")
    assert list(views.lines(found.changes)) == [
        "still@s060  changed",
        "  positivePrompt: … the harbour wakes → … the harbour sleeps",
        "  to spend: $0.028",
        "edit@s060   to be made again",
        "  to spend: ≤ $0.028",
        "clip@s060   changed",
        "  positivePrompt: the harbour wakes, slow camera → the harbour sleeps, slow camera",
        "  to spend: ≤ $0.448",
        "reel        to be made again",
        "sheet       to be made again",
    ]
    assert found.sides[1].plan.price.expected == Decimal("0.504")
    assert told.bought() == 18


def test_the_folder_as_it_is_is_the_other_side_of_one_revision(told: Film) -> None:
    told.edit("the harbour wakes", "the harbour sleeps")
    told.run()
    found = _diff(told, "HEAD")
    assert _kinds(found) == {
        "still@s060": "changed",
        "edit@s060": "remade",
        "clip@s060": "changed",
        "reel": "remade",
        "sheet": "remade",
    }
    assert found.sides[1].paid - found.sides[0].paid == 3 * Decimal("0.01")
    (still,) = [change for change in found.changes if change.step == "still@s060"]
    assert still.old is not None
    assert still.new is not None
    assert still.old.digest != still.new.digest


def test_a_shot_that_is_added_makes_the_cut_longer(told: Film) -> None:
    told.edit("steps:\n", "  s070: {does: the end, dur: 3, starts: cut, ends: hold}\nsteps:\n")
    commit(told, "an end")
    found = _diff(told, "HEAD~1..")
    assert {s for s, kind in _kinds(found).items() if kind == "added"} == {
        "still@s070",
        "edit@s070",
        "clip@s070",
    }
    assert "cut: 29 s → 32 s (+3 s)" in views.summary(found.changes, found.sides)


def test_a_shot_that_is_renamed_has_moved_and_costs_nothing(told: Film) -> None:
    told.edit("s060", "s065")
    commit(told, "room for a shot")
    found = _diff(told, "HEAD~1..HEAD")
    moved = {change.step: change.was for change in found.changes if change.kind == "moved"}
    assert moved == {f"{step}@s065": f"{step}@s060" for step in ("still", "edit", "clip")}
    assert found.sides[1].plan.price.worst == 0


def test_a_shot_that_is_gone_comes_last(told: Film) -> None:
    lines = (told.root / "pipeline.yaml").read_text("utf-8").splitlines(keepends=True)
    told.write("".join(line for line in lines if not line.startswith("  s060")))
    found = _diff(told, "HEAD")
    assert [c.step for c in found.changes if c.kind == "removed"] == [
        "still@s060",
        "edit@s060",
        "clip@s060",
    ]


def test_what_was_chosen_is_what_stands(told: Film, tmp_path: Path) -> None:
    """A choice is in git as well: the picture on the page is the one that was chosen."""
    Image.new("RGB", (1360, 768)).save(tmp_path / "retouched.png")
    digest = told.open().home.store.add(tmp_path / "retouched.png", durable=True)
    line = f"adopt {digest} | ana | today\n"
    (told.root / "picks/still").mkdir(parents=True)
    (told.root / "picks/still/s020").write_text(line, encoding="utf-8")
    commit(told, "another picture")
    found = _diff(told, "HEAD~1..HEAD")
    (change,) = [each for each in found.changes if each.step == "still@s020"]
    assert change.kind == "remade"
    assert change.new is not None
    assert change.new.digest == digest


def test_nothing_of_the_folder_is_touched(told: Film) -> None:
    told.edit("the harbour wakes", "the harbour sleeps")
    commit(told, "night")
    (told.root / "half-done.txt").write_text("not committed", encoding="utf-8")
    before = git(told, "status", "--porcelain", "--branch"), sorted(told.root.rglob("*"))
    _diff(told, "HEAD~1..HEAD")
    assert (git(told, "status", "--porcelain", "--branch"), sorted(told.root.rglob("*"))) == before


def test_two_folders_are_compared_as_well(told: Film, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Film(tmp_path / "other")
    other.edit("the harbour wakes", "the harbour sleeps")
    other.home = told.home
    found = diffing.of_folders(told.open(), other.open())
    assert _kinds(found)["still@s060"] == "changed"


@pytest.mark.parametrize(
    "words", ["nobody..HEAD", "HEAD..nobody", "--output=x", "", "HEAD~9..HEAD"]
)
def test_a_revision_that_is_not_there_is_said_plainly(told: Film, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        _diff(told, words)
    assert [problem.code for problem in caught.value.problems] == ["no-revision"]


def test_without_git_it_is_said_plainly(film: Film) -> None:
    with pytest.raises(UsageError, match="no git repository"):
        _diff(film, "HEAD")


def test_a_fault_of_a_revision_names_the_revision(told: Film) -> None:
    told.edit("slow camera", "slow {{ camera }}")
    commit(told, "broken")
    with pytest.raises(SpecError) as caught:
        _diff(told, "HEAD~1..HEAD")
    assert {str(p.where).partition(":")[0] for p in caught.value.problems} == {"HEAD"}


def test_a_link_in_a_tree_leads_nowhere(told: Film, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("vars: {light: stolen}\n", encoding="utf-8")
    (told.root / "more.yaml").symlink_to(secret)
    told.edit("name: lamp\n", "name: lamp\ninclude: [more.yaml]\n")
    commit(told, "a link")
    with pytest.raises(SpecError) as caught:
        _diff(told, "HEAD~1..HEAD")
    assert "stolen" not in str(caught.value)
