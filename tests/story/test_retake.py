"""One more take: bought once, under a number of its own, beside what stands."""

from __future__ import annotations

import shutil
from decimal import Decimal
from os import urandom
from typing import TYPE_CHECKING

import pytest
from film import ENOUGH, Film
from hypothesis import given, settings
from hypothesis import strategies as st

from kinoform.api import picking
from kinoform.api.consent import Consent
from kinoform.api.picking import Said
from kinoform.api.project import Asked
from kinoform.api.retaking import ended
from kinoform.api.watch import Watch
from kinoform.core.candidates import find
from kinoform.core.errors import SpendError, UsageError
from kinoform.views import picks, status
from kinoform.views import plan as plans
from kinoform.views.words import TIMES

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.api.project import Mode
    from kinoform.core.report import RunReport
    from kinoform.core.types import Event

TEXT = """\
kinoform: 1
name: again
shots: {s010: {does: a lamp}, s020: {does: a hand}}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "{{ shot.does }}", size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    foreach: shots
    with: {prompt: it turns, first_frame: "${{ out.still }}", duration: 5}
  sheet:
    uses: local/contact-sheet
    with: {images: "${{ out.still.all }}"}
"""
STILL = Decimal("0.028")


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path, TEXT)
    made.run()
    return made


def _retake(film: Film, *steps: str, consent: Consent = ENOUGH, draft: Mode = "") -> RunReport:
    project = film.open(draft)
    report = project.run(project.plan(Asked(steps, retake=True)), consent)
    assert not report.problems()
    return report


def _made(report: RunReport) -> list[str]:
    return [f"{e.step} {e.name}" for e in report.steps if e.outcome == "done"]


def _names(film: Film, step: str = "still@s010") -> list[str]:
    planned = film.open().plan(Asked(lock=True))
    return [c.name for c in picking.candidates(film.open(), planned, [planned.step(step)])]


def _ids(film: Film) -> list[str]:
    planned = film.open().plan(Asked(lock=True))
    held = status.held(plans.outlined(planned.plan), planned.survey)
    return [row.id for row in status.standings(held, planned.survey) if row.step == "still"]


def _pick(film: Film, word: str) -> None:
    project = film.open()
    planned = project.plan(Asked(lock=True))
    found = picking.candidates(project, planned, [planned.step("still@s010")])
    choice = picking.choose(project, planned, find(found, word, "still"), Said("ana"))
    assert choice is not None
    picking.write(project, planned, choice)


def test_one_more_take_is_one_purchase_and_what_stands_stays(film: Film) -> None:
    before, bought = (film.root / "out/still/s010.jpg").read_bytes(), film.bought()
    planned = film.open().plan(Asked(["still@s010"], retake=True))
    assert planned.plan.price.expected == STILL
    report = _retake(film, "still@s010")
    assert film.bought() == bought + 1
    assert report.paid() == film.provider.price
    (name,) = _made(report)
    recipe = name.partition(" ")[2].partition("_")[0]
    assert name == f"still@s010 {recipe}_t02"
    shown = film.root / f"out/still/s010_{recipe}_t02.jpg"
    assert shown.read_bytes() != before == (film.root / "out/still/s010.jpg").read_bytes()
    assert film.run() == set()
    assert film.bought() == bought + 1


def test_it_asks_for_money_as_a_run_does(film: Film) -> None:
    bought = film.bought()
    for consent, code in (
        (Consent(yes=True), "not-confirmed"),
        (Consent(max_cost=Decimal("0.027")), "above-max-cost"),
    ):
        with pytest.raises(SpendError) as caught:
            _retake(film, "still@s010", consent=consent)
        assert caught.value.problems[0].code == code
    assert film.bought() == bought


def test_each_take_gets_a_number_of_its_own_whatever_the_file_says(film: Film) -> None:
    assert [name[-3:] for _ in range(3) for name in _made(_retake(film, "still@s010"))] == [
        "t02",
        "t03",
        "t04",
    ]
    film.edit(
        '    foreach: shots\n    with: {prompt: "{{',
        '    foreach: shots\n    takes: 6\n    with: {prompt: "{{',
    )
    bought = film.bought()
    assert film.run() == {"still@s010", "still@s020"}
    assert film.bought() == bought + 2 + 5
    assert _made(_retake(film, "still@s010"))[0].endswith("t07")


def test_a_take_that_was_bought_beforehand_is_one_of_those_that_the_file_asks_for_later(
    film: Film,
) -> None:
    _retake(film, "still@s010", "still@s020")
    bought = film.bought()
    film.edit(
        '    foreach: shots\n    with: {prompt: "{{',
        '    foreach: shots\n    takes: 2\n    with: {prompt: "{{',
    )
    assert film.run() == set()
    assert film.bought() == bought


def test_the_takes_of_each_recipe_are_counted_and_found_by_themselves(film: Film) -> None:
    _retake(film, "still@s010")
    first = _names(film)
    film.edit("a lamp", "a lantern")
    film.run()
    assert [name[-3:] for name in _names(film)] == ["t01", "t01", "t02"]
    assert _made(_retake(film, "still@s010"))[0].endswith("t02")
    bought = film.bought()
    film.edit("a lantern", "a lamp")
    assert film.run() == set()
    assert _names(film)[:2] == first
    assert _ids(film) == ["still@s010", "still@s010#2", "still@s020"]
    assert film.bought() == bought


def test_a_clone_finds_it_through_the_lock(film: Film, tmp_path: Path) -> None:
    _retake(film, "still@s010")
    (tmp_path / "clone").mkdir()
    clone = Film(tmp_path / "clone", TEXT)
    shutil.copytree(film.root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    shutil.copytree(film.home / "store", clone.home / "store")
    assert _names(clone) == _names(film)
    assert _ids(clone) == _ids(film) == ["still@s010", "still@s010#2", "still@s020"]
    clone.run()
    assert len(list((clone.root / "out/still").glob("s010_*_t02.jpg"))) == 1
    assert _made(_retake(clone, "still@s010"))[0].endswith("t03")
    assert clone.bought() == 1


def test_what_lies_behind_it_is_made_anew_only_when_somebody_picks_it(film: Film) -> None:
    _retake(film, "still@s010")
    bought = film.bought()
    _pick(film, "2")
    rows = {row.id: row for row in _standings(film)}
    assert (rows["still@s010#2"].choice, rows["still@s010#2"].matches) == ("chosen", True)
    assert film.run() == {"clip@s010", "sheet"}
    assert film.bought() == bought + 1
    (second,) = (film.root / "out/still").glob("s010_*_t02.jpg")
    assert (film.root / "out/still/s010.jpg").read_bytes() == second.read_bytes()


def _standings(film: Film) -> list[status.Standing]:
    planned = film.open().plan(Asked(lock=True))
    held = status.held(plans.outlined(planned.plan), planned.survey)
    return status.standings(held, planned.survey)


def test_under_an_older_choice_it_is_a_take_of_the_recipe_of_today(film: Film) -> None:
    _pick(film, "1")
    film.edit("a lamp", "a lantern")
    assert film.run() == set()
    before, bought = (film.root / "out/still/s010.jpg").read_bytes(), film.bought()
    project = film.open()
    planned = project.plan(Asked(["still@s010"], retake=True))
    report = project.run(planned, ENOUGH)
    assert [e.name for e in ended(planned, report)] == _names(film)[:1]
    assert _made(report)[0].endswith("t01")
    assert len(list((film.root / "out/still").glob("s010_*_t01.jpg"))) == 1
    assert film.bought() == bought + 1
    assert (film.root / "out/still/s010.jpg").read_bytes() == before
    assert film.run() == set()


def test_a_take_that_is_on_its_way_is_waited_for_and_not_bought_twice(film: Film) -> None:
    class Pulled(BaseException):
        """The plug."""

    def tell(event: Event) -> None:
        if event.kind == "ack":
            raise Pulled

    project = film.open()
    with pytest.raises(Pulled):
        project.run(project.plan(Asked(["still@s010"], retake=True)), ENOUGH, Watch(tell))
    billed = len(film.provider.billed)
    assert _made(_retake(film, "still@s010", consent=Consent()))[0].endswith("t02")
    assert len(film.provider.billed) == billed


def test_steps_that_are_made_here_are_told_of_force(film: Film) -> None:
    with pytest.raises(UsageError) as caught:
        _retake(film, "sheet")
    (problem,) = caught.value.problems
    assert (problem.code, "run --force sheet" in problem.hint) == ("retake-local", True)
    planned = film.open().plan(Asked(["still@s010", "sheet"], retake=True))
    assert [p.code for p in planned.warnings] == ["retake-local"]
    assert len(planned.want.retake) == 1


def test_a_step_whose_request_is_not_known_yet_has_to_wait(tmp_path: Path) -> None:
    film = Film(tmp_path, TEXT)
    with pytest.raises(UsageError) as caught:
        _retake(film, "clip@s010")
    assert caught.value.problems[0].code == "retake-too-early"
    assert film.bought() == 0


def test_a_draft_is_taken_again_for_nothing(film: Film) -> None:
    film.run(draft="all")
    bought = film.bought()
    assert _made(_retake(film, "still@s010", draft="all"))[0].endswith("t02")
    assert film.bought() == bought
    assert len(list((film.root / "out/draft/still").glob("s010_*_t02.jpg"))) == 1


@settings(max_examples=12)
@given(st.lists(st.sampled_from(["retake", "more", "fewer", "edit", "back", "refuse"]), max_size=7))
def test_a_number_is_given_out_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    film = Film(tmp_path_factory.mktemp("film"), _SHORT.format(takes=2, prompt="one"))
    film.run()
    takes, prompt = 2, "one"
    seen: dict[str, bytes] = {}
    for step in steps:
        takes = takes + 2 if step == "more" else 1 if step == "fewer" else takes
        prompt = "two" if step == "edit" else "one" if step == "back" else prompt
        film.write(_SHORT.format(takes=takes, prompt=prompt))
        film.provider.refuses = {"still"} if step == "refuse" else set()
        before = film.bought()
        if step in ("retake", "refuse"):
            project = film.open()
            project.run(project.plan(Asked(["still"], retake=True)), ENOUGH)
            assert film.bought() == before + 1
        else:
            film.run()
        for path in (film.root / "out").glob("still_*_t*.jpg"):
            assert seen.setdefault(path.name, path.read_bytes()) == path.read_bytes()
    assert len(set(seen.values())) == len(seen)


_SHORT = """\
kinoform: 1
name: short
steps:
  still:
    uses: runware/klingai:kling-image@o3
    takes: {takes}
    with: {{prompt: {prompt}, size: "1K 16:9"}}
"""


def test_several_results_of_one_request_are_no_takes_and_the_list_says_so(tmp_path: Path) -> None:
    film = Film(tmp_path, _SHORT.format(takes=2, prompt="one").replace('16:9"', '16:9", count: 3'))
    film.provider.answer = lambda action: urandom(8)
    film.run()
    assert film.bought() == 2
    planned = film.open().plan()
    found = picking.candidates(film.open(), planned, [planned.step("still")])
    assert [(each.take, len(each.outputs)) for each in found] == [(1, 3), (2, 3)]
    assert {row[6] for row in picks.rows(found, lambda _each: None)} == {f"1360x768 {TIMES} 3"}
    with pytest.raises(UsageError) as caught:
        find(found, found[1].outputs[2].digest, "still")
    (problem,) = caught.value.problems
    assert f"result 3 of 3 of {found[1].name}" in problem.hint
    assert "`count` is one request" in problem.hint
    assert len(list((film.root / "out").glob("still_*_t02_3.jpg"))) == 1
