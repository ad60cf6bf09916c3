"""The tutorial with two reviews, typed as it is written, drawn for real. `make torture`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from figures import NAME, limited
from played_pages import agrees, play

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "a-film-with-reviews.md"


def test_the_tutorial_with_reviews_goes_as_it_is_written(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    with limited(1_800):
        count, faults = play(PAGE, tmp_path, tmp_path / "home")
    record_property(NAME, f"{count} commands typed, {len(faults)} printed something else")
    assert faults == []
    assert count > 20


def test_the_measure_itself_finds_what_differs() -> None:
    assert agrees(["a  12 s", "…", "c"], ["a     7 s", "b", "b", "c"])
    assert agrees(["…", "c"], ["c"])
    assert not agrees(["a", "…"], ["b"])
    assert not agrees(["a", "c"], ["a", "b", "c"])
