"""A worker answers, or ends: by itself, when its time is up, or with the run that wanted it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jobs
import pytest

from kinoform.core.errors import OpError
from kinoform.run.workers import Processes

if TYPE_CHECKING:
    from collections.abc import Callable


def _run(work: Callable[..., Any], *args: object, limit: float | None = None) -> Any:
    return asyncio.run(Processes(["jobs"]).run(work, *args, limit=limit))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _end(folder: Path) -> list[int]:
    """Wait until everybody named in the note is gone; who is not, after a while."""
    pids = [int(word) for word in (folder / "pids").read_text().split()]
    for _ in range(1000):
        if not any(map(_alive, pids)):
            return []
        time.sleep(0.01)
    return [pid for pid in pids if _alive(pid)]


def test_the_answer_comes_back() -> None:
    assert _run(jobs.double, 21) == 42


def test_an_error_comes_back_whole() -> None:
    with pytest.raises(OpError) as caught:
        _run(jobs.refuse, "no such clip")
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == ("no such clip", "a hint")


def test_the_death_of_a_worker_is_an_error_of_its_step() -> None:
    with pytest.raises(OpError) as caught:
        _run(jobs.crash)
    assert caught.value.problems[0].code == "worker-died"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes")
@pytest.mark.parametrize("work", [jobs.hang, jobs.deaf])
def test_a_worker_whose_time_is_up_ends_with_all_it_started(
    work: Callable[[Path], None], tmp_path: Path
) -> None:
    with pytest.raises(OpError) as caught:
        _run(work, tmp_path, limit=1)
    assert caught.value.problems[0].code == "timed-out"
    assert _end(tmp_path) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes")
@pytest.mark.parametrize("work", ["hang", "deaf"])
def test_workers_end_with_a_killed_run(work: str, tmp_path: Path) -> None:
    path = os.pathsep.join(sys.path)
    run = subprocess.Popen(
        [sys.executable, jobs.__file__, work, str(tmp_path)], env={**os.environ, "PYTHONPATH": path}
    )
    while not (tmp_path / "pids").exists() or not (tmp_path / "pids").read_text():
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert _end(tmp_path) == []
