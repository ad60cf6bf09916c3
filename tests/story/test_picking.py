"""Choosing: what there is to choose from, what a choice costs before it is written, taking it back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from film import REVIEWED, Film, outcomes

from kinoform.api import adopting, picking
from kinoform.api.people import who
from kinoform.api.picking import Said
from kinoform.core.candidates import Candidate, find
from kinoform.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.api.picking import Choice
    from kinoform.api.project import Mode

CLIP = Decimal("0.56")
STILL = Decimal("0.028")
ANA = Said("ana", "steadier hands")


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path, REVIEWED)
    made.run()
    return made


def _candidates(film: Film, step: str = "still", draft: Mode = "") -> list[Candidate]:
    project = film.open(draft)
    planned = project.plan()
    return picking.candidates(project, planned, [planned.step(step)])


def _choose(film: Film, word: str, said: Said = ANA, draft: Mode = "") -> Choice | None:
    project = film.open(draft)
    planned = project.plan()
    found = picking.candidates(project, planned, [planned.step("still")])
    choice = picking.choose(project, planned, find(found, word, "still"), said)
    if choice is not None:
        assert picking.write(project, planned, choice) == ()
    return choice


def _reopen(film: Film) -> Choice | None:
    project = film.open()
    planned = project.plan()
    choice = picking.reopen(planned, "still")
    if choice is not None:
        picking.write(project, planned, choice)
    return choice


def test_every_take_can_be_chosen_and_none_stands_before_somebody_did(film: Film) -> None:
    found = _candidates(film)
    assert [each.take for each in found] == [1, 2, 3]
    assert {each.stands for each in found} == {""}
    assert all(each.current and each.present for each in found)
    assert len({each.digest for each in found}) == 3


@pytest.mark.parametrize("how", ["number", "name", "digest", "short digest"])
def test_a_take_is_named_by_number_name_or_digest(film: Film, how: str) -> None:
    second = _candidates(film)[1]
    word = {
        "number": "2",
        "name": second.name,
        "digest": second.digest,
        "short digest": second.digest.removeprefix("sha256:")[:8],
    }[how]
    _choose(film, word)
    assert [each.stands for each in _candidates(film)] == ["", "chosen", ""]
    assert film.run() == {"clip"}
    assert film.bought() == 3 + 1


def test_the_record_says_who_when_and_why_on_one_line(film: Film) -> None:
    _choose(film, "2", Said("ana\x1b", "steadier\nhands | better"))
    line = (film.root / "picks/still/_").read_text("utf-8")
    assert line.count("\n") == 1
    assert " take 2 | ana | " in line
    assert line.endswith(" | steadier hands / better\n")


def test_what_a_first_choice_lets_go_on_is_said_in_dollars(film: Film) -> None:
    choice = _choose(film, "2")
    assert choice is not None
    assert (choice.change.opened, choice.change.opened_price) == (("clip",), CLIP)
    assert choice.change.stale == ()


def test_what_another_choice_makes_stale_is_said_in_dollars(film: Film) -> None:
    _choose(film, "2")
    film.run()
    choice = _choose(film, "3")
    assert choice is not None
    assert (choice.change.stale, choice.change.stale_price) == (("clip",), CLIP)
    assert film.run() == {"clip"}
    back = _choose(film, "2")
    assert back is not None
    assert back.change.stale == ()
    assert film.run() == set()


def test_choosing_what_stands_writes_nothing(film: Film) -> None:
    _choose(film, "2")
    before = (film.root / "picks/still/_").read_text("utf-8")
    assert _choose(film, "2", Said("ben", "me too")) is None
    assert (film.root / "picks/still/_").read_text("utf-8") == before


def test_a_choice_is_shown_at_once(film: Film) -> None:
    _choose(film, "2")
    film.run()
    _choose(film, "3")
    (third,) = (film.root / "out").glob("still_*_t03.jpg")
    assert (film.root / "out/still.jpg").read_bytes() == third.read_bytes()


def test_results_of_earlier_recipes_can_still_be_chosen(film: Film) -> None:
    old = _candidates(film)[1]
    film.edit("prompt: a lamp", "prompt: a lantern")
    film.run()
    found = _candidates(film)
    assert [each.current for each in found] == [True] * 3 + [False] * 3
    _choose(film, old.name)
    assert film.run() == {"clip"}
    assert film.bought() == 3 + 3 + 1
    assert [each.name for each in _candidates(film) if each.stands] == [old.name]


def test_taking_a_choice_back_buys_the_takes_of_the_new_recipe(film: Film) -> None:
    _choose(film, "2")
    film.run()
    film.edit("prompt: a lamp", "prompt: a lantern")
    assert film.run() == set()
    choice = _reopen(film)
    assert choice is not None
    assert (choice.change.stale, choice.change.stale_price) == (("still",), 3 * STILL)
    assert film.run() == {"still"}
    assert film.bought() == 3 + 1 + 3
    assert outcomes(film.report())["clip"] == "waiting"
    assert _reopen(film) is None


def test_a_pinned_choice_gives_way_to_another_pin_only(film: Film) -> None:
    _choose(film, "2", Said("ana", kind="pin"))
    assert [each.stands for each in _candidates(film)] == ["", "pinned", ""]
    assert _choose(film, "2") is None
    with pytest.raises(UsageError) as caught:
        _choose(film, "3")
    assert caught.value.problems[0].code == "pick-pinned"
    _choose(film, "3", Said("ana", kind="pin"))
    assert [each.stands for each in _candidates(film)] == ["", "", "pinned"]


def test_fewer_takes_keep_the_chosen_one_and_buy_nothing(film: Film) -> None:
    _choose(film, "3")
    film.run()
    film.edit("takes: 3", "takes: 2")
    assert film.run() == set()
    assert [each.name for each in _candidates(film) if each.stands] == [_candidates(film)[2].name]


def test_a_draft_has_choices_of_its_own(film: Film) -> None:
    film.run(draft="all")
    _choose(film, "2", draft="all")
    assert film.run(draft="all") == {"clip"}
    assert not (film.root / "picks").exists()
    assert {each.stands for each in _candidates(film)} == {""}


def test_a_clone_lists_what_its_lock_names(film: Film, tmp_path: Path) -> None:
    names = [each.name for each in _candidates(film)]
    film.home = tmp_path / "another home"
    found = _candidates(film)
    assert [each.name for each in found] == names
    assert not any(each.present for each in found)
    choice = _choose(film, "2")
    assert choice is not None
    assert [problem.code for problem in choice.problems] == ["pick-without-bytes"]


@pytest.mark.parametrize("word", ["4", "0000_t01", "ffffffffff", "second"])
def test_a_take_that_is_not_there_is_refused_with_near_names(film: Film, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        _choose(film, word)
    (problem,) = caught.value.problems
    assert problem.code == "no-such-take"
    assert _candidates(film)[0].name[:4] in problem.hint or "_t01" in problem.hint


def test_a_reason_that_is_too_long_is_refused(film: Film) -> None:
    with pytest.raises(UsageError) as caught:
        _choose(film, "2", Said("ana", "x" * 2000))
    assert caught.value.problems[0].code == "pick-too-long"
    assert not (film.root / "picks").exists()


def test_a_run_that_ends_at_a_review_names_it_until_somebody_chose(film: Film) -> None:
    def gates() -> list[str]:
        return [step.id for step in picking.gates(film.open().plan())]

    assert gates() == ["still"]
    _choose(film, "2")
    assert gates() == []


def test_an_adopted_file_is_what_follows_uses(film: Film, tmp_path: Path) -> None:
    file = tmp_path / "retouched.jpg"
    file.write_bytes(b"by hand")
    project = film.open()
    planned = project.plan()
    step = planned.step("still")
    blob = adopting.take_in(project, step, file)
    choice = adopting.adopt(project, planned, step, blob, ANA)
    assert choice is not None
    assert choice.change.opened == ("clip",)
    picking.write(project, planned, choice)
    assert (film.root / "out/still.jpg").read_bytes() == b"by hand"
    assert (film.root / "picks/still/_").read_text("utf-8").startswith(f"adopt {blob.digest} | ana")
    assert film.run() == {"clip"}
    (clip,) = [t for t in film.open().home.ledger.tasks() if t.step == "clip"]
    frames = clip.data["action"]["manifest"]["params"]["inputs"]["frameImages"]
    assert frames[0]["image"] == {"$bytes": blob.digest}
    assert film.bought() == 3 + 1
    assert [each.stands for each in _candidates(film)] == ["adopted", "", "", ""]
    film.edit("prompt: a lamp", "prompt: a lantern")
    assert film.run() == set()


def test_who_chooses_is_whom_git_knows_unless_it_was_said(tmp_path: Path) -> None:
    ask = (lambda _root: "git's Ana", lambda: "system")
    assert who(tmp_path, "Ben", ask) == "Ben"
    assert who(tmp_path, "", ask) == "git's Ana"
    assert who(tmp_path, "", (lambda _root: "", lambda: "system")) == "system"
