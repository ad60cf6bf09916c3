"""Row h: `status` and `why` of a large graph, and the fold of a long journal."""

from __future__ import annotations

import gc
import shutil
import time
from statistics import median
from typing import TYPE_CHECKING

from races import KINOFORM, TURNS, Command, Record, Row, race, tell
from settled import settled

from kinoform.core.standing import last_run
from kinoform.core.types import Event

if TYPE_CHECKING:
    from pathlib import Path

SHOTS, EVENTS = 2_500, 100_000


def test_looks_at_a_large_graph_beside_a_start(tmp_path: Path, record_property: Record) -> None:
    graph = settled(tmp_path, SHOTS)
    found = race(
        {
            "version": Command((KINOFORM, "--version")),
            "status": Command((KINOFORM, "status"), graph.film),
            "why": Command((KINOFORM, "why", "clip@s000007"), graph.film),
        },
        graph.home,
    )
    for name in ("status", "why"):
        what, peer = f"`{name}`, {4 * SHOTS + 1:,} steps", "--version"
        tell(record_property, Row("h", what, found[name], found["version"], peer, goal=3))


def test_looks_of_which_no_answer_is_kept(tmp_path: Path, record_property: Record) -> None:
    graph = settled(tmp_path, SHOTS)

    def forget() -> None:
        shutil.rmtree(graph.home / "answers", ignore_errors=True)

    words = ("plan", "status", "ls")
    found = race(
        {word: Command((KINOFORM, word), graph.film, before=forget) for word in words}, graph.home
    )
    for name in ("status", "ls"):
        what = f"`{name}` without its answer, {4 * SHOTS + 1:,} steps"
        tell(record_property, Row("h", what, found[name], found["plan"], "`plan` without its own"))


def test_a_long_journal_is_folded_at_once(record_property: Record) -> None:
    events = [
        Event(1.0 + n, "run", "film", kind, f"clip@s{n:06}", 1, f"{n:064x}")
        for n in range(EVENTS // 2)
        for kind in ("started", "failed")
    ]
    head = Event(0.0, "run", "film", "run-started")
    before, times = gc.get_threshold(), []
    gc.set_threshold(1_000_000, 50, 100)  # as the program has it
    for _ in range(TURNS):
        started = time.perf_counter()
        states = last_run([head, *events], "film")
        times.append(time.perf_counter() - started)
    gc.set_threshold(*before)
    assert len(states.steps) == EVENTS // 2
    what = f"fold of {EVENTS:,} events"
    tell(record_property, Row("h", what, median(times), 0.1, "limit", goal=1))
