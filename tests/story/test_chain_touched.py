"""Touching a chained shot says what that buys again, and keeping the seam frame really stops it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from film import Film, executed

from kinoform.api import adopting, picking
from kinoform.api.orphans import orphans
from kinoform.cli.chaining import consequences
from kinoform.cli.options import Options

if TYPE_CHECKING:
    from kinoform.core.errors import Problem

TEXT = """\
kinoform: 1
name: chain
shots:
  s010: {does: a boy runs}
  s020: {does: he jumps}
  s030: {does: the water closes}
  s040: {does: a gull calls}
steps:
  clip:
    uses: runware/klingai:kling-video@o3-pro
    foreach: shots
    with:
      prompt: "{{ shot.does }}, handheld"
      duration: 3
      size: "${{ none if shot.prev.does else '16:9' }}"
      first_frame: ${{ out.clip.prev.last_frame }}
  reel:
    uses: local/concat
    with: {clips: "${{ out.clip.all }}"}
"""
CLIP = Decimal("0.336")


@pytest.fixture
def chain(tmp_path: Path) -> Film:
    film = Film(tmp_path, TEXT)
    film.run()
    assert film.bought() == 4
    return film


def _said(film: Film) -> list[Problem]:
    return consequences(film.plan(), Options(path=Path("film")))


def _keep(film: Film, step: str) -> None:
    project = film.open()
    planned = project.plan()
    blob = adopting.present(project, planned, planned.step(step))
    choice = adopting.adopt(project, planned, planned.step(step), blob, picking.Said("ana"))
    assert choice is not None
    assert choice.change.stale == ()
    picking.write(project, planned, choice)


def test_a_chain_that_was_never_made_is_not_bought_again(tmp_path: Path) -> None:
    assert _said(Film(tmp_path, TEXT)) == []


def test_a_chain_that_is_left_alone_says_nothing(chain: Film) -> None:
    chain.edit("name: chain", "name: chain  # as it was")
    assert _said(chain) == []


def test_touching_a_shot_says_what_it_buys_again_and_how_to_stop_it(chain: Film) -> None:
    chain.edit("a boy runs", "a boy walks")
    (problem,) = _said(chain)
    assert problem.message == (
        "touching s010 re-buys s020 to s040: $1.008 (adopt the present seam frame to stop it)"
    )
    assert problem.hint == "kinoform adopt film clip@s010.last_frame"
    assert chain.plan().plan.price.expected == 4 * CLIP


def test_keeping_the_seam_frame_buys_one_clip_and_not_four(chain: Film) -> None:
    chain.edit("a boy runs", "a boy walks")
    _keep(chain, "clip@s010.last_frame")
    assert _said(chain) == []
    assert chain.plan().plan.price.expected == CLIP
    assert executed(chain.report()) == {"clip@s010", "reel"}
    assert chain.bought() == 5


def test_a_seam_frame_that_was_kept_is_no_orphan_while_its_shot_is_there(chain: Film) -> None:
    _keep(chain, "clip@s010.last_frame")
    assert orphans(chain.open(), chain.plan) == []
    chain.edit("  s010: {does: a boy runs}\n", "")
    assert [orphan.step for orphan in orphans(chain.open(), chain.plan)] == [
        "clip@s010",
        "clip@s010.last_frame",
    ]


def test_a_kept_frame_is_what_a_later_edit_begins_on(chain: Film) -> None:
    _keep(chain, "clip@s010.last_frame")
    kept = chain.open().picks.all["clip@s010.last_frame"]
    chain.edit("a boy runs", "a boy walks")
    chain.edit("he jumps", "he dives")
    chain.run("clip@s020")
    (task,) = [t for t in chain.open().home.ledger.tasks() if t.step == "clip@s020"][1:]
    frames = task.data["action"]["manifest"]["params"]["inputs"]["frameImages"]
    assert frames[0]["image"] == {"$made": kept.made, "index": 0}
    assert chain.bought() == 5


def test_a_shot_in_the_middle_that_was_edited_too_is_its_own_cause(chain: Film) -> None:
    chain.edit("a boy runs", "a boy walks")
    chain.edit("the water closes", "the water opens")
    assert [each.message.partition(" (")[0] for each in _said(chain)] == [
        "touching s010 re-buys s020: $0.336",
        "touching s030 re-buys s040: $0.336",
    ]


def test_a_seam_whose_bytes_are_gone_cannot_be_kept(chain: Film) -> None:
    chain.delete("clip@s010.last_frame")
    chain.edit("a boy runs", "a boy walks")
    (problem,) = _said(chain)
    assert (problem.message, problem.hint) == ("touching s010 re-buys s020 to s040: $1.008", "")


def test_a_draft_buys_nothing_again(chain: Film) -> None:
    chain.run(draft="all")
    chain.edit("a boy runs", "a boy walks")
    assert consequences(chain.plan(draft="all"), Options()) == []
