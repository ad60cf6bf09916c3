"""Row d: a plan from text, with everything stale and no memory, beside the dry runs of its peers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from races import KINOFORM, Command, Record, Row, race, tell
from shot_graph import TOOLS, shots, write

if TYPE_CHECKING:
    from pathlib import Path

SHOTS = 2_500
PLAN = (KINOFORM, "plan", "--max-steps", "2000000")


def _asked(tool: str, folder: Path, home: Path) -> Command:
    """What tells, from nothing, what there is to do."""
    if tool.startswith("kinoform"):
        return Command(PLAN, folder, before=lambda: shutil.rmtree(home, ignore_errors=True))
    return Command(TOOLS[tool].plan, folder)


def test_a_plan_from_nothing_beside_dry_runs(tmp_path: Path, record_property: Record) -> None:
    home = tmp_path / "home"
    tools = ("kinoform", "kinoform, written out", "ninja", "doit", "snakemake")
    for tool in tools:
        write(tool, tmp_path / tool, shots(SHOTS))
    found = race({tool: _asked(tool, tmp_path / tool, home) for tool in tools}, home)
    goals = (
        ("kinoform", "plan from nothing, foreach", "ninja", 3.5),
        ("kinoform, written out", "plan from nothing, written out", "ninja", 7),
        ("kinoform", "plan from nothing, foreach", "snakemake", 1 / 12),
        ("kinoform", "plan from nothing, foreach", "doit", 1),
    )
    for ours, what, peer, goal in goals:
        said = f"{what}, {4 * SHOTS + 1:,} steps"
        tell(record_property, Row("d", said, found[ours], found[peer], peer, goal=goal))


def test_a_plan_of_ten_times_the_steps_takes_ten_times_as_long(
    tmp_path: Path, record_property: Record
) -> None:
    home = tmp_path / "home"
    for name, count in (("small", SHOTS), ("large", 10 * SHOTS)):
        write("kinoform", tmp_path / name, shots(count))
    found = race({n: _asked("kinoform", tmp_path / n, home) for n in ("small", "large")}, home, 3)
    what = f"plan from nothing, {40 * SHOTS + 1:,} steps beside a tenth"
    tell(record_property, Row("d", what, found["large"], found["small"], "a tenth", goal=11))
