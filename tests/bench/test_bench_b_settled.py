"""Row b: a run and a plan that find nothing to do, beside ninja's no-op on the same graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from races import KINOFORM, Command, Record, Row, race, tell
from settled import settled
from shot_graph import TOOLS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("count", [2_500, 25_000])
def test_a_settled_graph_beside_ninja(tmp_path: Path, record_property: Record, count: int) -> None:
    graph = settled(tmp_path, count)
    found = race(
        {
            "ninja": Command(TOOLS["ninja"].run, graph.ninja),
            "run": Command((KINOFORM, "run"), graph.film),
            "plan": Command((KINOFORM, "plan"), graph.film),
        },
        graph.home,
    )
    for name in ("run", "plan"):
        what = f"no-op `{name}`, {4 * count + 1:,} steps"
        tell(record_property, Row("b", what, found[name], found["ninja"], "ninja", goal=1))
