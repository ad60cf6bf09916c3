"""Growth curves: a plan from nothing and a no-op, from a hundred steps to a million, beside ninja."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from growth import drawing
from races import KINOFORM, Command, Record, Row, around, race, tell
from settled import settled
from shot_graph import TOOLS, shots, write

if TYPE_CHECKING:
    from growth import Curve

PICTURE = Path(__file__).parents[2] / "docs/pictures/growth.svg"
PLANNED, KEPT = (25, 250, 2_500, 25_000), (25, 250, 2_500)  # shots of four steps
MILLION = 250_000


def _planned(folder: Path, count: int, turns: int) -> dict[str, float]:
    """Seconds of a plan from nothing and of ninja's dry run."""
    graph, home = shots(count), folder / "home"
    for tool in ("kinoform", "ninja"):
        write(tool, folder / tool, graph)
    forget = Command(
        (KINOFORM, "plan", "--max-steps", "2000000"),
        folder / "kinoform",
        before=lambda: shutil.rmtree(home, ignore_errors=True),
    )
    return race(
        {"plan": forget, "dry": Command(TOOLS["ninja"].plan, folder / "ninja")}, home, turns
    )


def _kept(folder: Path, count: int) -> dict[str, float]:
    """Seconds of a run with nothing to do, and of ninja's."""
    graph = settled(folder, count)
    return race(
        {
            "run": Command((KINOFORM, "run"), graph.film),
            "no-op": Command(TOOLS["ninja"].run, graph.ninja),
        },
        graph.home,
        turns=3,
    )


def _write_million(folder: Path) -> None:
    """The same film with two columns of words for four steps: a table has a million cells at most."""
    folder.mkdir()
    (text,) = [t for n, t in TOOLS["kinoform"].files({}).items() if n == "pipeline.yaml"]
    text = text.replace("{{ shot.clip }}", "{{ shot.b }}, moving")
    text = text.replace("{{ shot.poster }}", "{{ shot.a }}, title")
    (folder / "pipeline.yaml").write_text(text)
    rows = (f"s{n:06},a lighthouse of number {n},its lamp is lit" for n in range(MILLION))
    (folder / "shots.csv").write_text("\n".join(("id,a,b", *rows)) + "\n")


def _million(folder: Path) -> tuple[float, float]:
    """Seconds and megabytes of one plan of a million steps from nothing."""
    _write_million(folder)
    environ = around(folder / "home")
    words = (KINOFORM, "plan", "--max-steps", "2000000")
    started = time.perf_counter()
    child = subprocess.Popen(words, cwd=folder, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    assert status == 0
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def test_growth_from_a_hundred_steps_to_a_million(tmp_path: Path, record_property: Record) -> None:
    plans = {4 * n + 1: _planned(tmp_path / f"plan{n}", n, turns=3) for n in PLANNED}
    kept = {4 * n + 1: _kept(tmp_path / f"kept{n}", n) for n in KEPT}
    seconds, megabytes = _million(tmp_path / "million")
    steps = 4 * MILLION + 1
    curves: dict[str, Curve] = {
        "plan from nothing": [*((n, t["plan"]) for n, t in plans.items()), (steps, seconds)],
        "no-op run": [(n, t["run"]) for n, t in kept.items()],
        "ninja, dry run": [(n, t["dry"]) for n, t in plans.items()],
        "ninja, no-op": [(n, t["no-op"]) for n, t in kept.items()],
    }
    PICTURE.write_text(drawing(curves), encoding="utf-8")
    before = plans[4 * PLANNED[-1] + 1]["plan"]
    what = f"plan of {steps:,} steps"
    tell(
        record_property, Row("d", f"{what} beside one of a tenth", seconds, before, "100,001 steps")
    )
    allowed = 4 * steps / 1024
    tell(
        record_property,
        Row("d", f"memory of a {what}", megabytes, allowed, "4 KB a step", unit="MB"),
    )
