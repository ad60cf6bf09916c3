"""Why, since which commit, and who shares it; the folder's own git settings run nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from branches import commit, git
from PIL import Image

from kinoform.api.setting import Setting
from kinoform.api.since import since
from kinoform.views import why as views

if TYPE_CHECKING:
    from pathlib import Path

    from film import Film

    from kinoform.views.why import Cause, Since

WORDS = "{{ shot.does }}, slow camera"


@pytest.fixture
def told(film: Film) -> Film:
    """The film in git, made, and committed once."""
    film.run()
    git(film, "init", "-q", "-b", "main")
    (film.root / ".gitignore").write_text("out/\n", encoding="utf-8")
    commit(film, "six shots")
    return film


def _why(film: Film, step: str) -> tuple[Cause, Since]:
    project = film.open()
    planned = project.plan()
    cause = views.Inquiry(planned.plan, planned.survey).ask(planned.graph.index[step], 1)
    return cause, since(project, Setting(), planned, set(views.roots(cause)))


def _subjects(film: Film, step: str) -> set[str | None]:
    return {known.subject if known else None for known in _why(film, step)[1].values()}


def test_what_is_not_committed_is_said_so(told: Film) -> None:
    told.edit("slow camera", "quick camera")
    assert _subjects(told, "clip@s010") == {None}


def test_the_commit_that_brought_the_words_is_named_whatever_came_after(told: Film) -> None:
    told.edit("slow camera", "quick camera")
    commit(told, "quicker")
    for number in range(3):
        told.edit("name: lamp", f"name: lamp{number}")
        commit(told, f"another name {number}")
    assert _subjects(told, "clip@s010") == {"quicker"}


def test_the_last_commit_that_changed_the_words_counts(told: Film) -> None:
    for words in ("quick", "slow", "quick"):
        told.edit("slow camera" if words == "quick" else "quick camera", f"{words} camera")
        commit(told, f"{words}, now")
    assert _subjects(told, "clip@s010") == {"quick, now"}
    assert len(set(git(told, "log", "--format=%s").splitlines())) == 3


def test_each_root_has_its_own_commit(told: Film) -> None:
    told.edit("slow camera", "quick camera")
    commit(told, "quicker")
    told.edit("Wide frame, ", "Close frame, ")
    commit(told, "closer")
    assert _subjects(told, "clip@s010") == {"quicker", "closer"}


def test_a_commit_that_was_not_in_order_is_passed_over(told: Film) -> None:
    told.edit("slow camera", "slow {{ camera }}")
    commit(told, "broken")
    told.edit("slow {{ camera }}", "quick camera")
    commit(told, "mended")
    assert _subjects(told, "clip@s010") == {"mended"}


def test_another_picture_at_the_same_path_is_found(film: Film) -> None:
    art = film.root / "mara.png"
    Image.new("RGB", (640, 360), (1, 2, 3)).save(art)
    film.edit('size: "1K 16:9"}\n  edit', 'size: "1K 16:9", references: [mara.png]}\n  edit')
    film.run("still@s010")
    git(film, "init", "-q", "-b", "main")
    commit(film, "begin")
    Image.new("RGB", (640, 360), (3, 2, 1)).save(art)
    commit(film, "another face")
    cause, known = _why(film, "still@s010")
    assert [change.source for change in cause.changes] == ["mara.png"]
    assert [each.subject if each else None for each in known.values()] == ["another face"]


def test_the_same_words_in_many_steps_are_one_cause_with_one_price(told: Film) -> None:
    told.edit("slow camera", "quick camera")
    (change,) = _why(told, "clip@s010")[0].changes
    assert change.shared == tuple(f"clip@s0{n}0" for n in range(1, 7))
    assert change.bill is not None
    assert change.bill.whole.expected == Decimal("0.112") * 29


def test_words_of_one_shot_are_shared_by_its_own_steps_only(told: Film) -> None:
    told.edit("the harbour wakes", "the harbour sleeps")
    (change, *_) = _why(told, "clip@s060")[0].changes
    assert set(change.shared) == {"still@s060", "clip@s060"}


def test_without_git_the_explanation_stands_alone(film: Film) -> None:
    film.run()
    film.edit("slow camera", "quick camera")
    cause, known = _why(film, "clip@s010")
    assert len(cause.changes) == 1
    assert known == {}


def test_the_settings_of_a_clone_run_nothing(told: Film, tmp_path: Path) -> None:
    canary, program = tmp_path / "canary", tmp_path / "run.sh"
    program.write_text(f"#!/bin/sh\ntouch '{canary}'\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "gpg.program"):
        git(told, "config", name, str(program))
    git(told, "config", "log.showSignature", "true")
    told.edit("slow camera", "quick camera")
    assert _subjects(told, "clip@s010") == {None}
    assert not canary.exists()
    git(told, "status", check=False)
    assert canary.exists(), "the trap is none"
