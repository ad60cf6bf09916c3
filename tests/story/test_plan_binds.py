"""A plan in a file is carried out as it stands, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from film import Film

from kinoform.api import planfile
from kinoform.api.planning import Asked
from kinoform.api.setting import Setting
from kinoform.core import binding
from kinoform.core.errors import MovedError, UsageError

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


MOVES: dict[str, tuple[Callable[[Film], object], str]] = {
    "the pipeline": (lambda f: f.edit("cold lens", "warm lens"), "pipeline.yaml changed"),
    "a comment": (lambda f: f.edit("name: lamp", "name: lamp  # now"), "pipeline.yaml changed"),
    "what was made": (
        lambda f: f.run("still@s010"),
        "still@s010: the plan says run, now it is reuse",
    ),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moved_is_named_and_nothing_is_sent(film: Film, what: str) -> None:
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
    assert [problem.code for problem in caught.value.problems] == ["no-plan"]
