"""Row c: every input and the pipeline file touched, not a byte changed, beside ninja's no-op."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from races import KINOFORM, Command, Record, Row, race, tell
from settled import settled
from shot_graph import TOOLS

if TYPE_CHECKING:
    from pathlib import Path

SHOTS = 2_500


def test_a_touched_graph_beside_ninja(tmp_path: Path, record_property: Record) -> None:
    graph = settled(tmp_path, SHOTS)

    def touched() -> None:
        for name in ("pipeline.yaml", "shots.csv"):
            os.utime(graph.film / name)

    found = race(
        {
            "ninja": Command(TOOLS["ninja"].run, graph.ninja),
            "run": Command((KINOFORM, "run"), graph.film, before=touched),
        },
        graph.home,
    )
    what = f"no-op `run` after a touch of every file, {4 * SHOTS + 1:,} steps"
    tell(record_property, Row("c", what, found["run"], found["ninja"], "ninja", goal=3))
