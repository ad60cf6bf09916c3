"""Row f: a cold run of trivial steps beside doit on the same graph; ninja and make are reported too.

Every step writes a few bytes: `local/text`, a function in doit's own process, a shell for ninja and
make. For kinoform that is an object in the store, a record in the ledger and a file in out/. What these
cost by themselves is told too, by a program that writes them and does nothing else.
"""

from __future__ import annotations

import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING

import bare_run
import pytest
from races import Command, Record, Row, race, tell
from shot_graph import TOOLS, shots, write

if TYPE_CHECKING:
    from pathlib import Path

    from shot_graph import Shots

OURS = ("kinoform", "kinoform, written out")
PEERS = ("doit", "ninja", "make")


def _anew(tool: str, folder: Path, home: Path, graph: Shots) -> None:
    for place in (folder, home):
        shutil.rmtree(place, ignore_errors=True)
    write(tool, folder, graph)


@pytest.mark.parametrize("count", [2_500])
def test_a_cold_run_of_trivial_steps(tmp_path: Path, record_property: Record, count: int) -> None:
    home, graph = tmp_path / "home", shots(count)
    commands = {
        tool: Command(TOOLS[tool].run, folder, partial(_anew, tool, folder, home, graph))
        for tool in (*OURS, *PEERS)
        if (folder := tmp_path / tool)
    }
    bare = tmp_path / "bare"
    words = (sys.executable, bare_run.__file__)
    commands["bare"] = Command(words, bare, partial(_anew, "doit", bare, home, graph))
    found = race(commands, home, turns=3)
    what = f"the files and rows of a cold run of {4 * count + 1:,} steps, alone"
    tell(record_property, Row("f", what, found["bare"], found["doit"], "doit"))
    for tool in OURS:
        for peer, goal in zip(PEERS, (0.2, None, None), strict=True):
            what = f"cold run of {4 * count + 1:,} steps, {tool}"
            tell(record_property, Row("f", what, found[tool], found[peer], peer, goal=goal))
