"""Runs of the program forked from a warm server: 20 ms to begin one, rather than 400.

The server itself is `stable_server`; the two speak lines of JSON.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crash_course import python_path

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass
class Horse:
    """One run. `status` is the exit status, negative for the signal that ended it."""

    pid: int
    said: Path
    _ended: threading.Event = field(default_factory=threading.Event)
    status: int = 0

    def wait(self, seconds: float) -> bool:
        """Whether it ended within this time."""
        return self._ended.wait(seconds)

    def signal(self, number: signal.Signals) -> None:
        """To its whole process group, as a terminal does; nothing where it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def talk(self) -> str:
        """What it has said so far, after what others have said into the same file."""
        return self.said.read_text(encoding="utf-8") if self.said.exists() else ""

    def end(self, status: int) -> None:
        self.status = status
        self._ended.set()


class Stable:
    """Begins runs and hears of their ends; safe to share between threads."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._begun: queue.Queue[int] = queue.Queue()
        self._turn = threading.Lock()
        self._out: dict[int, Horse] = {}
        self._early: dict[int, int] = {}
        self._mutex = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self, words: Sequence[str], environ: Mapping[str, str], said: Path) -> Horse:
        """Start `kinoform WORDS`; both its outputs are added to the file `said`."""
        line = json.dumps({"words": list(words), "environ": dict(environ), "said": str(said)})
        assert self._process.stdin is not None
        with self._turn:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            horse = Horse(self._begun.get(timeout=60), said)
        with self._mutex:
            if horse.pid in self._early:
                horse.end(self._early.pop(horse.pid))
            else:
                self._out[horse.pid] = horse
        return horse

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            told = json.loads(line)
            if "began" in told:
                self._begun.put(told["began"])
                continue
            with self._mutex:
                horse = self._out.pop(told["ended"], None)
                if horse is None:
                    self._early[told["ended"]] = told["status"]
                else:
                    horse.end(told["status"])


@contextmanager
def stable() -> Iterator[Stable]:
    """A warm server for as long as the block runs."""
    argv = [sys.executable, "-m", "stable_server"]
    environ = {**os.environ, "PYTHONPATH": python_path()}
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as process:
        try:
            yield Stable(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
