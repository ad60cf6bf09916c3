"""An alias with several candidates: one choice, recorded by the first purchase."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from kinoform.api import lock
from kinoform.core.errors import SpecError

if TYPE_CHECKING:
    from film import Film

    from kinoform.core.choice import Choice

O3, WAVE = "runware/klingai:kling-image@o3", "wavespeed/kwaivgi/kling-image-o3"
VIDEO = "runware/klingai:kling-video@o3-pro"
TEXT = """\
kinoform: 1
name: x
models: {{hero: {{any: [{first}, {second}], prefer: {prefer}}}}}
shots: {{a: {{does: one}}, b: {{does: two}}}}
steps:
  still:
    uses: hero
    foreach: shots
    with: {{prompt: "{{{{ shot.does }}}}", size: "2K 16:9"{more}}}
"""


TWO = """\
kinoform: 1
name: x
models:
  one: {any: [WAVE, O3]}
  two: {any: [WAVE, O3]}
steps:
  a: {uses: one, with: {prompt: x, size: "ONE", quality: 90}}
  b: {uses: two, with: {prompt: y, size: "1K 1:1", references: ["${{ out.a }}"], MORE: 80}}
"""


def _two(size: str = "1K 1:1", more: str = "quality") -> str:
    text = TWO.replace("WAVE", WAVE).replace("O3]", f"{O3}]")
    return text.replace("ONE", size).replace("MORE", more)


def _text(first: str = O3, second: str = WAVE, prefer: str = "cheapest", more: str = "") -> str:
    return TEXT.format(first=first, second=second, prefer=prefer, more=more)


def _choice(film: Film) -> Choice:
    (choice,) = film.plan().choices
    return choice


def _models(film: Film) -> set[str]:
    return {step.op.name for step in film.plan().graph.steps}


def test_equal_prices_take_the_first_and_portable_names_say_the_same(film: Film) -> None:
    film.write(_text())
    choice = _choice(film)
    assert (choice.model, choice.why) == (O3, "cheapest")
    assert [option.price for option in choice.options] == [Decimal("0.056")] * 2
    assert _models(film) == {O3}


def test_the_cheaper_one_is_taken(film: Film) -> None:
    film.write(
        _text(VIDEO, O3, more=", width: 2720, height: 1536").replace(', size: "2K 16:9"', "")
    )
    assert _choice(film).model == O3


def test_one_that_cannot_say_it_is_passed_over_with_what_it_lacks(film: Film) -> None:
    film.write(_text(WAVE, O3, "first", ", quality: 90"))
    choice = _choice(film)
    assert choice.model == O3
    assert choice.options[0].lacks == ("quality",)


def test_two_aliases_whose_first_candidates_cannot_say_it_are_both_decided(film: Film) -> None:
    film.write(_two())
    chosen = film.plan().choices
    assert [(each.alias, each.model) for each in chosen] == [("one", O3), ("two", O3)]
    assert [each.options[0].lacks for each in chosen] == [("quality",), ("quality",)]


def test_a_warning_is_nothing_that_a_candidate_cannot_say(film: Film) -> None:
    film.write(_two("2K 16:9"))
    planned = film.plan()
    assert [w.code for w in planned.warnings] == ["side-out-of-range"]
    assert [each.options[0].lacks for each in planned.choices] == [("quality",), ("quality",)]


def test_when_none_can_say_it_the_first_one_tells_why(film: Film) -> None:
    film.write(_text(more=", colour: red"))
    with pytest.raises(SpecError) as caught:
        film.plan()
    assert {p.code for p in caught.value.problems} == {"unknown-parameter"}


def test_planning_and_drafting_record_nothing_and_the_first_purchase_does(film: Film) -> None:
    film.write(_text())
    film.run(draft="all")
    assert not (film.root / "kinoform.lock").exists()
    film.run()
    record = film.root / "kinoform.lock/models/hero"
    assert json.loads(record.read_text()) == {"alias": "hero", "model": O3}
    assert _choice(film).why == "recorded"


def test_what_is_held_decides_before_any_price(film: Film) -> None:
    film.write(_text(WAVE, O3, "first"))
    film.run()
    lock_file = film.root / "kinoform.lock/models/hero"
    lock_file.unlink()
    film.write(_text(O3, WAVE))
    choice = _choice(film)
    assert (choice.model, choice.why) == (WAVE, "held")
    assert film.run() == set()


def test_a_record_stands_until_it_is_changed(film: Film) -> None:
    film.write(_text())
    film.run()
    lock.record(film.root, "hero", WAVE)
    assert _models(film) == {WAVE}
    assert film.run() == {"still@a", "still@b"}
    lock.record(film.root, "hero", O3)
    assert film.run() == set()


@pytest.mark.parametrize("model", ["runware/klingai:kling-image@3", "no/such"])
def test_a_record_of_no_candidate_decides_nothing(film: Film, model: str) -> None:
    film.write(_text())
    lock.record(film.root, "hero", model)
    choice = _choice(film)
    assert (choice.model, choice.why) == (O3, "cheapest")


def test_a_damaged_record_is_said_with_the_way_out(film: Film) -> None:
    film.write(_text())
    film.run()
    (film.root / "kinoform.lock/models/hero").write_text("{")
    with pytest.raises(SpecError) as caught:
        film.plan()
    assert caught.value.problems[0].code == "lock-damaged"
    assert "delete it" in caught.value.problems[0].hint
