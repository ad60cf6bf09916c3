"""A graph of shots in which everything is made, for kinoform and for ninja, and well remembered."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from races import around
from shot_graph import TOOLS, shots, write

if TYPE_CHECKING:
    from pathlib import Path

ASKED = 3  # after what makes everything: the second of them is answered from memory at the latest


@dataclass(frozen=True, slots=True)
class Settled:
    """Where the two lie, and the home of the first."""

    film: Path
    ninja: Path
    home: Path


def settled(folder: Path, count: int, tool: str = "kinoform") -> Settled:
    """Everything made: 4 `count` + 1 steps. Small files, so that even ninja's take a while."""
    made = Settled(folder / "film", folder / "ninja", folder / "home")
    graph = shots(count)
    write(tool, made.film, graph)
    write("ninja", made.ninja, graph)
    environ = around(made.home)
    asked = [TOOLS["kinoform"].run] * ASKED + [TOOLS["kinoform"].plan] * ASKED
    for words in asked:
        subprocess.run(words, cwd=made.film, env=environ, check=True, capture_output=True)
    subprocess.run(TOOLS["ninja"].run, cwd=made.ninja, env=environ, check=True, capture_output=True)
    return made
