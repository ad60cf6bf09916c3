"""A plan in a file is carried out as it stands, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from bound_films import played
from film import Film

from kinoform.api import planfile
from kinoform.api.pickbook import PickBook
from kinoform.api.planning import Asked
from kinoform.api.setting import Setting
from kinoform.core import binding
from kinoform.core.errors import MovedError, UsageError
from kinoform.core.manifest import recipe_of
from kinoform.core.types import Pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def film(tmp_path: Path) -> Film:
    made = Film(tmp_path)
    made.edit("prompt: Ink and gouache", 'prompt: "Ink and gouache {{ out.still.width }}"')
    return made


def _saved(film: Film, *targets: str) -> Path:
    file, asked = film.root.parent / "plan.json", Asked(targets)
    planned = film.open().plan(asked)
    planfile.save(file, film.root / "pipeline.yaml", Setting(), asked, planned)
    return file


def _held(film: Film, file: Path) -> None:
    found = planfile.load(file)
    found.hold(film.open().plan(found.asked))


def test_a_plan_comes_back_as_it_was_written(film: Film) -> None:
    found = planfile.load(_saved(film, "still"))
    assert found.asked.targets == ["still"]
    assert found.path.resolve() == (film.root / "pipeline.yaml").resolve()
    assert binding.worst(found.told) == 6 * Decimal("0.028")
    found.hold(film.open().plan(found.asked))


FILMS = 8


def test_a_plan_is_kept_to_the_cent_or_refused_by_name(tmp_path: Path) -> None:
    found = played(tmp_path, range(FILMS))
    assert found.faults == []
    assert len(found.moves()) > 1
    assert found.figures["submits"] > FILMS


def _pick(film: Film) -> None:
    project = film.open()
    planned = project.plan()
    key = next(d.key for d in planned.plan.decisions if d.step == "still@s010")
    result = project.records.results({key})[key]
    pick = Pick("still@s010", result.outputs[0].digest, recipe_of(result.manifest), 1, "ana", "now")
    PickBook(film.root).write(pick)


def _record_twice(film: Film) -> None:
    place = film.root / "kinoform.lock/steps/still/s010"
    place.write_text(place.read_text("utf-8") * 2, encoding="utf-8")


MOVES: dict[str, tuple[Callable[[Film], object], str]] = {
    "the pipeline": (lambda f: f.edit("cold lens", "warm lens"), "pipeline.yaml changed"),
    "a comment": (lambda f: f.edit("name: lamp", "name: lamp  # now"), "pipeline.yaml changed"),
    "what was made": (
        lambda f: f.run("still@s020"),
        "still@s020: the plan says run, now it is reuse",
    ),
    "a pick": (_pick, "the pick of still@s010 is new"),
    "the lock": (_record_twice, "the record kinoform.lock/steps/still/s010 changed"),
    "bytes that are gone": (
        lambda f: f.delete("still@s010"),
        "still@s010: the plan says reuse, now it is lost",
    ),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moved_is_named_and_nothing_is_sent(film: Film, what: str) -> None:
    film.run("still@s010")
    file = _saved(film)
    move, said = MOVES[what]
    move(film)
    before = film.bought()
    with pytest.raises(MovedError) as caught:
        _held(film, file)
    assert said in [problem.message for problem in caught.value.problems]
    assert film.bought() == before


@pytest.mark.parametrize("text", ["", "{}", '{"kinoform-plan": 2}', "[1]", '{"kinoform-plan": 1}'])
def test_a_file_that_is_no_plan_is_refused_plainly(film: Film, text: str) -> None:
    file = film.root / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        planfile.load(file)
    (problem,) = caught.value.problems
    assert problem.code == "no-plan"
    assert problem.message.startswith(f"{file} is no plan of this version: ")
    assert text != "{}" or problem.message.endswith(": it has no 'kinoform-plan'")


def test_what_waits_is_bound_by_its_recipe(film: Film) -> None:
    told = planfile.load(_saved(film)).told
    assert {name for name in told["reads"] if name.startswith("recipe:edit@")} == {
        f"recipe:edit@s0{n}0" for n in range(1, 7)
    }
