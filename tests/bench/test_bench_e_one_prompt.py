"""Row e: one leaf's words changed, then a run that makes the one step anew, beside ninja's."""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING

import pytest
from races import KINOFORM, Command, Record, Row, race, tell
from settled import settled
from shot_graph import TOOLS, shots, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHOTS = 2_500
# What no program in Python with these libraries can leave out: to load them, to read what was written, and
# to see of each file in out/ that it is as it was. It knows no key, looks nothing up, and makes nothing.
LEAST = """
import asyncio, csv, os, sqlite3, click, yaml
with open("pipeline.yaml") as file:
    yaml.load(file, yaml.CSafeLoader)
if os.path.exists("shots.csv"):
    with open("shots.csv") as file:
        rows = list(csv.reader(file))
for folder, _, names in os.walk("out"):
    for name in names:
        os.lstat(f"{folder}/{name}")
"""


def _edit(tool: str, folder: Path) -> Callable[[], None]:
    """Another poster text with each turn."""
    turns = count(1)
    return lambda: write(tool, folder, shots(SHOTS, {(SHOTS // 2, "poster"): f"no {next(turns)}"}))


@pytest.mark.parametrize(
    ("tool", "said", "goal"),
    [("kinoform", "foreach", 2), ("kinoform, written out", "written out", 4)],
)
def test_one_prompt_changed_beside_ninja(
    tmp_path: Path, record_property: Record, tool: str, said: str, goal: float
) -> None:
    graph = settled(tmp_path, SHOTS, tool)
    commands = {
        "ninja": Command(TOOLS["ninja"].run, graph.ninja, before=_edit("ninja", graph.ninja)),
        "run": Command((KINOFORM, "run"), graph.film, before=_edit(tool, graph.film)),
        "least": Command((sys.executable, "-c", LEAST), graph.film),
    }
    found = race(commands, graph.home)
    what = f"`run` after one prompt changed, {said}, {4 * SHOTS + 1:,} steps"
    tell(record_property, Row("e", what, found["run"], found["ninja"], "ninja", goal=goal))
    least = f"of that libraries, text and looks alone, as a script of 9 lines, {said}"
    tell(record_property, Row("e", least, found["least"], found["ninja"], "ninja"))
