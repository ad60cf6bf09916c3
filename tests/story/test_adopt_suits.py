"""A file that is adopted is judged by what reads it: a picture that no clip could begin on is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desk import at_home
from film import Film
from PIL import Image

from kinoform.cli.exits import Exit
from kinoform.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = """\
kinoform: 1
name: suits
steps:
  still:
    uses: runware/klingai:kling-image@o3
    with: {prompt: a lamp, size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    with: {prompt: it turns, first_frame: "${{ out.still }}", duration: 5}
  note:
    uses: local/text
    with: {text: "as wide as {{ out.still.width }}"}
"""


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Film]:
    made = Film(tmp_path, TEXT)
    made.run()
    with at_home(made.home):
        yield made


def _adopt(film: Film, width: int, height: int) -> int:
    file = film.root.parent / "retouched.png"
    Image.new("RGB", (width, height), (10, 20, 30)).save(file)
    return run(["adopt", "-C", str(film.root), "still", str(file), "--by", "ana"], {})


def test_a_picture_too_large_for_a_frame_is_refused_where_it_is_read(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _adopt(film, 4096, 2304) == Exit.INVALID
    said = capsys.readouterr().err
    assert "pipeline.yaml:9:" in said
    assert "error[side-out-of-range]: clip: first_frame is 4096x2304" in said
    assert not (film.root / "picks").exists()
    assert film.run() == set()


def test_a_picture_of_another_shape_is_told_of_and_taken(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _adopt(film, 1000, 420) == Exit.DONE
    said = capsys.readouterr().err
    assert "warning[adopt-other-facts]" in said
    assert "pipeline.yaml:9:" in said
    assert "makes clip, note stale: $0.56" in said


def test_its_facts_are_those_that_others_read_from_then_on(film: Film) -> None:
    assert _adopt(film, 1280, 720) == Exit.DONE
    film.run()
    assert (film.root / "out/note.txt").read_text("utf-8") == "as wide as 1280"
    (still,) = [s for s in film.plan().graph.steps if s.id == "still"]
    assert still.expects[0].facts.width == 1360  # what one more take would be


def test_a_choice_that_is_taken_back_gives_back_what_the_request_promises(film: Film) -> None:
    _adopt(film, 1280, 720)
    film.run()
    assert run(["pick", "-C", str(film.root), "still", "--reopen"], {}) == Exit.DONE
    bought = film.bought()
    assert film.run() == set()
    assert film.bought() == bought
