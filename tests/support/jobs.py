"""Work for worker processes that ends in every way: with an answer, an error, a crash, or never."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.core.errors import OpError, Problem
from kinoform.core.types import Facts
from kinoform.run.workers import Processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.core.types import Expect


def double(number: int) -> int:
    """An answer."""
    return 2 * number


def refuse(said: str) -> None:
    """An error for people."""
    raise OpError(Problem("op-crashed", said, hint="a hint"))


def worker() -> int:
    """Who does it."""
    return os.getpid()


def held_back() -> set[int]:
    """The signals that do not come through to who does it."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def meet(folder: Path) -> int:
    """The same, once somebody else has come here too."""
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) == 1:
        time.sleep(0.01)
    return os.getpid()


def crash() -> None:
    """What the kernel does when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def hang(folder: Path) -> None:
    """Never ends by itself, and has started a program that does not either, in its own session."""
    endless = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(endless, start_new_session=True) as child:
        try:
            note = folder / "pids.new"
            note.write_text(f"{os.getpid()} {child.pid}")
            note.rename(folder / "pids")
            time.sleep(600)
        finally:
            child.kill()


def deaf(folder: Path) -> None:
    """The same deep in some library that never looks at signals."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / "pids").write_text(str(os.getpid()))
    time.sleep(600)


def crash_of(note: Path) -> None:
    """The same, and how often it was tried is in the note."""
    with note.open("a") as tries:
        tries.write("x")
    crash()


def check_of(files: Sequence[tuple[Path, Expect]]) -> list[tuple[str, Facts] | str]:
    """A check of downloads: takes the worker down, or never ends, with a file that says so.

    Who looked is told in the media type.
    """
    said = [path.read_text() for path, _ in files]
    if "crash" in said:
        crash()
    if "hang" in said:
        time.sleep(600)
    return ["it is wrong" if each == "wrong" else (f"text/{os.getpid()}", Facts()) for each in said]


async def linger(folder: Path) -> None:
    """Keep two workers, and do nothing any more."""
    executor = Processes(["jobs"])
    pids = await asyncio.gather(*(executor.run(worker, kept=True) for _ in range(2)))
    (folder / "pids").write_text(" ".join(map(str, pids)))
    await asyncio.sleep(600)


if __name__ == "__main__":
    name, folder = sys.argv[1], Path(sys.argv[2])
    if name == "linger":
        asyncio.run(linger(folder))
    asyncio.run(Processes(["jobs"]).run({"hang": hang, "deaf": deaf}[name], folder))
