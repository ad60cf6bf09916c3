"""Row j: memory at plan time, for each step."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from races import KINOFORM, Record, Row, around, tell
from shot_graph import shots, write

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = (2_500, 25_000)
GOAL = 4.0  # KB
# From a small process: what it starts is counted with the peak of who starts it.
_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(folder: Path, count: int) -> float:
    """KB at the highest, of a plan from nothing."""
    write("kinoform", folder / "film", shots(count))
    words = [sys.executable, "-c", _MEASURED, KINOFORM, "plan", str(folder / "film")]
    return float(subprocess.check_output(words, env=around(folder / "home")))


def test_kilobytes_for_each_step(tmp_path: Path, record_property: Record) -> None:
    small, large = (_peak(tmp_path / str(count), count) for count in COUNTS)
    steps = 4 * (COUNTS[1] - COUNTS[0])
    what = f"memory for each step of a plan, from {4 * COUNTS[0] + 1:,} to {4 * COUNTS[1] + 1:,}"
    tell(record_property, Row("j", what, (large - small) / steps, GOAL, "4 KB", "KB", goal=1))
