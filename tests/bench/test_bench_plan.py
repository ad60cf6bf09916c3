"""A plan of 4,001 steps beside ninja's no-op on the same graph: ratios from one run, no verdict.

The graph: 1,000 shots of four steps each (a still, an edit of it, a clip from both, a poster from
the clip) and one cut over all clips, every step trivial (`local/text`; `touch` for ninja).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import ninja

SHOTS, TURNS = 1_000, 5
STEPS = """\
steps:
  a: {uses: local/text, foreach: shots, with: {text: "still {{ shot.does }}"}}
  b:
    uses: local/text
    foreach: shots
    with: {text: "edit {{ shot.does }}", inputs: ["${{ out.a }}"]}
  clip:
    uses: local/text
    foreach: shots
    with: {text: "clip {{ shot.does }}", inputs: ["${{ out.a }}", "${{ out.b }}"]}
  poster:
    uses: local/text
    foreach: shots
    with: {text: "poster {{ shot.does }}", inputs: ["${{ out.clip }}"]}
  final: {uses: local/text, with: {text: all, inputs: "${{ out.clip.all }}"}}
"""


def _kinoform_project(folder: Path) -> Path:
    shots = "".join(f"  s{n:04}: {{does: thing number {n}}}\n" for n in range(SHOTS))
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(f"kinoform: 1\nname: big\nshots:\n{shots}{STEPS}")
    return folder


def _ninja_project(folder: Path) -> Path:
    folder.mkdir()
    rows = [
        "rule t\n  command = touch $out\n",
        "build final: t " + " ".join(f"c{n}" for n in range(SHOTS)),
    ]
    for n in range(SHOTS):
        rows += [
            f"build a{n}: t",
            f"build b{n}: t a{n}",
            f"build c{n}: t a{n} b{n}",
            f"build p{n}: t c{n}",
        ]
    (folder / "build.ninja").write_text("\n".join(rows) + "\n")
    return folder


def _seconds(argv: list[str], environ: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(argv, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def test_a_plan_of_four_thousand_steps_beside_ninja(tmp_path: Path) -> None:
    environ = {**os.environ, "KINOFORM_HOME": str(tmp_path / "home"), "CI": "1"}
    film, peer = _kinoform_project(tmp_path / "film"), _ninja_project(tmp_path / "ninja")
    binary = str(Path(ninja.BIN_DIR) / "ninja")
    plan = [sys.executable, "-m", "kinoform", "plan", str(film)]
    noop = [binary, "-C", str(peer), "-j2"]
    stale = median(_seconds(plan, environ) for _ in range(TURNS))
    _seconds([*plan[:3], "run", str(film)], environ)
    _seconds(noop, environ)
    settled, beside, empty = [], [], []
    for _turn in range(TURNS):
        settled.append(_seconds(plan, environ))
        beside.append(_seconds(noop, environ))
        empty.append(_seconds([sys.executable, "-c", "pass"], environ))
    rows = {
        "plan, nothing made yet": stale,
        "plan, everything made": median(settled),
        "ninja, no-op": median(beside),
        "python -c pass": median(empty),
    }
    print()
    for name, seconds in rows.items():
        print(f"  {name:24} {seconds:7.3f} s  {seconds / median(beside):6.1f} x ninja")
