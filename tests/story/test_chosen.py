"""What a person chose stands: for what comes after it, and when its recipe changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from film import REVIEWED, Film, outcomes

from kinoform.api.pickbook import PickBook
from kinoform.core.manifest import recipe_of
from kinoform.core.types import Pick

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path, REVIEWED)
    made.run()
    return made


def _choose(film: Film, take: int) -> Pick:
    planned = film.open().plan()
    key = next(d.key for d in planned.plan.decisions if (d.step, d.take) == ("still", take))
    result = film.open().home.ledger.results({key})[key]
    pick = Pick("still", result.outputs[0].digest, recipe_of(result.manifest), take, "ana", "today")
    PickBook(film.root).write(pick)
    return pick


def test_what_lies_behind_a_review_waits_for_the_choice(film: Film) -> None:
    assert film.bought() == 3
    assert outcomes(film.report())["clip"] == "waiting"
    assert film.bought() == 3


def test_the_chosen_take_is_what_follows_uses_and_what_stands_in_out(film: Film) -> None:
    pick = _choose(film, 2)
    assert film.run() == {"clip"}
    (clip,) = [t for t in film.open().home.ledger.tasks() if t.step == "clip"]
    frames = clip.data["action"]["manifest"]["params"]["inputs"]["frameImages"]
    assert frames[0]["image"] == {"$bytes": pick.digest}
    shown = {path.name for path in (film.root / "out/still").parent.glob("still*")}
    assert f"still_{pick.recipe[:4]}_t02.jpg" in shown
    current = (film.root / "out/still.jpg").read_bytes()
    assert current == (film.root / f"out/still_{pick.recipe[:4]}_t02.jpg").read_bytes()


def test_another_choice_makes_stale_what_was_made_from_the_first(film: Film) -> None:
    _choose(film, 2)
    film.run()
    _choose(film, 3)
    assert film.run() == {"clip"}
    _choose(film, 2)
    assert film.run() == set()


def test_an_edited_recipe_under_a_choice_buys_nothing(film: Film) -> None:
    pick = _choose(film, 2)
    film.run()
    film.edit("prompt: a lamp", "prompt: a lantern")
    planned = film.open().plan()
    reasons = {d.reasons[0].kind for d in planned.plan.decisions if d.step == "still"}
    assert reasons == {"chosen-earlier"}
    assert film.run() == set()
    current = (film.root / "out/still.jpg").read_bytes()
    assert current == (film.root / f"out/still_{pick.recipe[:4]}_t02.jpg").read_bytes()


def test_a_choice_that_is_taken_back_opens_the_review_again(film: Film) -> None:
    _choose(film, 2)
    film.run()
    film.edit("prompt: a lamp", "prompt: a lantern")
    assert PickBook(film.root).remove("still")
    assert film.run() == {"still"}
    assert film.bought() == 3 + 1 + 3
    assert outcomes(film.report())["clip"] == "waiting"


def test_a_choice_whose_bytes_are_gone_is_lost_and_bought_by_nobody(film: Film) -> None:
    pick = _choose(film, 2)
    film.edit("prompt: a lamp", "prompt: a lantern")
    for path in film.home.rglob(f"*{pick.digest.removeprefix('sha256:')[2:]}"):
        path.unlink()
    before = film.bought()
    assert outcomes(film.report())["still"] == "lost"
    assert film.bought() == before
