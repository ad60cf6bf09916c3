"""One shot in earnest, and the rest of the film drafted: priced first, bought once, no draft bytes sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from film import ENOUGH, Film, executed

from kinoform.api.consent import Consent
from kinoform.api.pickbook import PickBook
from kinoform.api.planning import Asked
from kinoform.core.errors import SpendError, UsageError
from kinoform.core.types import Pick

if TYPE_CHECKING:
    from kinoform.core.report import RunReport

SHOT = Decimal("0.028") * 2 + Decimal("0.56")  # still, edit, and a clip of five seconds
S010 = {"still@s010", "edit@s010", "clip@s010"}


def _promote(film: Film, *final: str, consent: Consent = ENOUGH) -> RunReport:
    project = film.open("all")
    return project.run(project.plan(Asked(final=final)), consent)


def test_the_plan_prices_the_shot_with_what_it_is_made_from_and_drafts_the_rest(
    film: Film,
) -> None:
    planned = film.open("all").plan(Asked(final=("clip@s010",)))
    assert planned.plan.price.expected == SHOT
    assert planned.price_real == film.plan().plan.price.expected
    hosted = {step.id for step in planned.graph.steps if step.op.kind == "hosted"}
    assert hosted == S010
    assert film.bought() == 0


def test_the_run_buys_just_that_and_makes_the_whole_cut(film: Film) -> None:
    report = _promote(film, "clip@s010")
    assert not report.problems()
    assert film.bought() == 3
    assert set(film.provider.submits) == S010
    assert {"still@s020", "clip@s060", "reel", "sheet"} <= executed(report)
    assert _promote(film, "clip@s010").counts()["done"] == 0
    assert film.bought() == 3


def test_what_was_promoted_belongs_to_the_film(film: Film) -> None:
    _promote(film, "clip@s010")
    assert {path.name for path in (film.root / "kinoform.lock/steps").glob("*/*")} == {"s010"}
    planned = film.plan("clip@s010")
    assert {d.verdict for d in planned.plan.decisions} == {"reuse"}
    heads = film.open().home.ledger.heads(str(film.root.resolve()))
    assert {step for step, _ in heads} == S010
    film.run()
    assert film.bought() == 18


def test_a_whole_shot_is_one_word(film: Film) -> None:
    planned = film.open("all").plan(Asked(final=("s010",)))
    assert {s.id for s in planned.graph.steps if s.op.kind == "hosted"} == S010


def test_a_bridge_makes_the_picture_of_the_next_shot_real_too(film: Film) -> None:
    planned = film.open("all").plan(Asked(final=("clip@s020",)))
    hosted = {step.id for step in planned.graph.steps if step.op.kind == "hosted"}
    assert hosted == {f"{s}@{n}" for s in ("still", "edit") for n in ("s020", "s030")} | {
        "clip@s020"
    }


def test_a_promotion_spends_nothing_without_a_word(film: Film) -> None:
    with pytest.raises(SpendError):
        _promote(film, "clip@s010", consent=Consent())
    assert film.bought() == 0


def test_the_total_of_the_film_counts_what_was_promoted(film: Film) -> None:
    film.write(
        "kinoform: 1\nbudget: {total: 0.63}\n" + (film.root / "pipeline.yaml").read_text()[12:]
    )
    film.provider.price = Decimal("0.028")
    film.run("clip@s010")
    film.edit("Mara climbs the stair", "Mara leaves the stair")
    report = _promote(film, "clip@s010")
    assert {problem.code for problem in report.problems()} == {"above-budget"}


def test_a_choice_among_drafts_never_reaches_a_hosted_request(film: Film) -> None:
    film.run(draft="all")
    drafts = film.open("all")
    key = next(d.key for d in drafts.plan().plan.decisions if d.step == "still@s010")
    (blob,) = drafts.home.ledger.results({key})[key].outputs
    book = drafts.picks
    assert isinstance(book, PickBook)
    book.write(Pick("still@s010", blob.digest, "", 0, "ana", "today", "", "adopt", key))
    report = _promote(film, "clip@s010")
    assert {e.step: e.outcome for e in report.steps}["still@s010"] == "done"
    (edit,) = [t for t in film.open().home.ledger.tasks() if t.step == "edit@s010"]
    assert blob.digest not in str(edit.data["action"]["manifest"])


def test_a_name_that_is_not_there_is_refused(film: Film) -> None:
    with pytest.raises(UsageError, match="s999"):
        film.open("all").plan(Asked(final=("s999",)))
