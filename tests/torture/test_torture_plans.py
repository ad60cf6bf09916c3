"""A thousand random films, each with a written plan that is moved, and then kept. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bound_films import KINDS, played
from figures import NAME, limited

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILMS = 1_000


def test_a_thousand_plans_are_kept_to_the_cent_or_refused_by_name(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    with limited(5_400):
        found = played(tmp_path, range(10_000, 10_000 + FILMS))
    record_property(NAME, str(found))
    assert found.faults == []
    assert found.figures["films"] == FILMS
    # Every kind of move, and waits that were for nothing, or little would be proved.
    assert len(found.moves()) == KINDS
    assert found.figures["waits for nothing"] > FILMS // 20
