"""A worker answers, or ends: by itself, when its time is up, or with the run that wanted it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

import jobs
import pytest

from kinoform.core.errors import OpError
from kinoform.run.workers import Processes
from kinoform.testing import executor_suite
from kinoform.testing.fakes import Here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kinoform.ports import Executor


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


def _timed_out(run: Callable[..., Any], work: Callable[[Path], None], folder: Path) -> None:
    """Its time was up once it was well under way, however long a busy machine takes till then."""
    limit = 1.5
    while not (folder / "pids").exists():
        limit *= 2
        with pytest.raises(OpError) as caught:
            run(work, folder, limit=limit)
        assert caught.value.problems[0].code == "timed-out"


@pytest.mark.parametrize("made", [Here, lambda: Processes(["jobs"])], ids=["Here", "Processes"])
@pytest.mark.parametrize("fact", executor_suite.FACTS, ids=lambda fact: fact.__name__)
def test_every_executor_is_one(
    fact: Callable[[Executor], None], made: Callable[[], Executor]
) -> None:
    executor = made()
    fact(executor)
    executor.close()


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
    _timed_out(_run, work, tmp_path)
    assert _end(tmp_path) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes")
@pytest.mark.parametrize("work", ["hang", "deaf", "linger"])
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


# What a terminal wishes reaches the server and its workers, too: from their first moment on.
PRESSED = """
import asyncio, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, wherever tests run
from kinoform.run.workers import Processes
from jobs import double
print(asyncio.run(Processes(["pressed"]).run(double, 21)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal as Unix does")
def test_ctrl_c_while_the_fork_server_loads_is_not_its_to_answer() -> None:
    path = os.pathsep.join(sys.path)
    words = [sys.executable, "-c", PRESSED]
    done = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")


def test_a_worker_hears_nothing_of_a_terminal_from_its_first_moment_on() -> None:
    assert _run(jobs.held_back) >= {signal.SIGINT, signal.SIGHUP}


# Kept


class Kept:
    """Gives work to kept workers, so many jobs at once."""

    def __init__(self) -> None:
        self.executor = Processes(["jobs"])

    def run(self, work: Callable[..., Any], *args: object, limit: float | None = None) -> Any:
        return asyncio.run(self.executor.run(work, *args, limit=limit, kept=True))

    def worker(self) -> int:
        """Who does a job."""
        return int(self.run(jobs.worker))

    def pair(self, folder: Path) -> set[int]:
        """Who does two jobs of which neither ends before both have begun."""
        folder.mkdir()

        async def both() -> list[int]:
            meet = [self.executor.run(jobs.meet, folder, kept=True) for _ in range(2)]
            return await asyncio.gather(*meet)

        return set(asyncio.run(both()))


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept = Kept()
    yield kept
    kept.executor.close(now=True)


def test_each_job_has_a_worker_of_its_own() -> None:
    executor = Processes(["jobs"])
    assert len({asyncio.run(executor.run(jobs.worker)) for _ in range(5)}) == 5


def test_a_kept_worker_does_one_job_after_another(kept: Kept) -> None:
    assert len({kept.worker() for _ in range(50)}) == 1


def test_two_jobs_at_once_have_two_kept_workers_and_leave_both(kept: Kept, tmp_path: Path) -> None:
    first, *others = [kept.pair(tmp_path / str(number)) for number in range(4)]
    assert len(first) == 2
    assert others == [first] * 3


def test_a_kept_worker_goes_after_so_many_jobs_that_what_they_leave_in_memory_has_an_end(
    kept: Kept,
) -> None:
    assert len({kept.worker() for _ in range(600)}) == 3


def test_the_death_of_an_idle_worker_costs_nothing(kept: Kept) -> None:
    first = kept.worker()
    os.kill(first, signal.SIGKILL)
    assert kept.worker() != first


def test_a_job_is_blamed_only_when_a_new_worker_dies_of_it_too(kept: Kept, tmp_path: Path) -> None:
    first = kept.worker()
    with pytest.raises(OpError) as caught:
        kept.run(jobs.crash_of, tmp_path / "tries")
    assert caught.value.problems[0].code == "worker-died"
    assert (tmp_path / "tries").read_text() == "xx"
    assert kept.worker() != first


def test_an_error_of_a_job_is_no_reason_to_part(kept: Kept) -> None:
    first = kept.worker()
    with pytest.raises(OpError):
        kept.run(jobs.refuse, "no such clip")
    assert kept.worker() == first


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes")
@pytest.mark.parametrize("work", [jobs.hang, jobs.deaf])
def test_a_kept_worker_whose_time_is_up_ends_and_another_goes_on(
    kept: Kept, work: Callable[[Path], None], tmp_path: Path
) -> None:
    first = kept.worker()
    _timed_out(kept.run, work, tmp_path)
    assert _end(tmp_path) == []
    assert kept.worker() != first


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes")
@pytest.mark.parametrize("now", [False, True])
def test_kept_workers_and_what_holds_them_go_with_the_executor(
    now: bool,  # noqa: FBT001  (a case)
    tmp_path: Path,
) -> None:
    kept = Kept()
    kept.worker()  # and from now on the fork server
    kept.executor.close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(3):
        kept = Kept()
        pids = kept.pair(tmp_path / str(number))
        kept.executor.close(now=now)
        assert not any(map(_alive, pids))
    # Fewer, where something of an earlier test was let go of meanwhile.
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes")
def test_what_is_ended_with_the_executor_is_not_done_again_by_another_worker(
    kept: Kept, tmp_path: Path
) -> None:
    kept.worker()
    with ThreadPoolExecutor(1) as thread:
        job = thread.submit(kept.run, jobs.hang, tmp_path)
        while not (tmp_path / "pids").exists():
            time.sleep(0.01)
        kept.executor.close(now=True)
        with pytest.raises(OpError) as caught:
            job.result()
    assert caught.value.problems[0].code == "worker-died"
    assert _end(tmp_path) == []


def test_work_that_cannot_be_sent_is_refused_and_ends_nothing(kept: Kept) -> None:
    with pytest.raises((AttributeError, TypeError, PicklingError)):
        kept.run(lambda: None)
    assert kept.run(jobs.double, 4) == 8
