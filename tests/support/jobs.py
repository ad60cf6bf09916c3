"""Work for worker processes that ends in every way: with an answer, an error, a crash, or never."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from kinoform.core.errors import OpError, Problem
from kinoform.run.workers import Processes


def double(number: int) -> int:
    """An answer."""
    return 2 * number


def refuse(said: str) -> None:
    """An error for people."""
    raise OpError(Problem("op-crashed", said, hint="a hint"))


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


if __name__ == "__main__":
    work = {"hang": hang, "deaf": deaf}[sys.argv[1]]
    asyncio.run(Processes(["jobs"]).run(work, Path(sys.argv[2])))
