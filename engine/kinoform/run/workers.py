"""Local work in processes of its own, one for each job: a crash, a leak or a hang stays there.

Jobs are forked from a warm server that has the ops imported already, which costs milliseconds; a
pool of long-lived workers was rejected because one job's time-out would have to kill its sharers.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, TypeVar

from kinoform.core.errors import OpError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

T = TypeVar("T")
_MOST = 64  # jobs at once; who asks for them has closer limits
_GRACE = 2.0  # seconds between asking a worker to end and ending it


def _child(pipe: Connection, work: Callable[..., Any], args: tuple[object, ...]) -> None:
    for name in ("SIGINT", "SIGHUP"):  # a terminal's wishes are the parent's to answer
        with suppress(AttributeError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # Unwound rather than killed, so that an op ends the program that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_follow_parent, daemon=True).start()
    try:
        answer: tuple[bool, Any] = (True, work(*args))
    except Exception as error:  # noqa: BLE001  (whatever it is, the parent must hear it)
        answer = (False, error)
    with suppress(BrokenPipeError):  # nobody listens any more
        pipe.send(answer)
    pipe.close()


def _follow_parent() -> None:
    """End with the run, however that ended: nobody wants the answer any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(_GRACE)
        os._exit(1)  # the op is deep in some library


def _end(processes: Sequence[BaseProcess]) -> None:
    for step in (BaseProcess.terminate, lambda one: one.join(_GRACE), BaseProcess.kill):
        for process in processes:
            with suppress(ValueError):  # ended and released already
                step(process)


class Processes:
    """An `Executor`. `preload` names the modules that the fork server imports once."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        methods = multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context(
            "forkserver" if "forkserver" in methods else "spawn"
        )
        if "forkserver" in methods:
            self._context.set_forkserver_preload(list(preload))
        self._running: set[BaseProcess] = set()
        # Of its own: work that takes no time may not wait behind jobs that take hours.
        self._threads = ThreadPoolExecutor(_MOST)

    async def run(self, work: Callable[..., T], /, *args: object, limit: float | None = None) -> T:
        """The result of `work(*args)`; its exception is raised here.

        Raises OpError when the worker died (`worker-died`) or was stopped (`timed-out`).
        """
        import asyncio  # noqa: PLC0415  (loaded by then; the server that workers are forked from has none)

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._one, work, args, limit)

    def _one(self, work: Callable[..., T], args: tuple[object, ...], limit: float | None) -> Any:
        mine, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_child, args=(theirs, work, args), daemon=True)
        process.start()
        theirs.close()
        self._running.add(process)
        try:
            return self._answer(mine, process, limit)
        finally:
            self._running.discard(process)
            mine.close()
            process.join()

    def _answer(self, pipe: Connection, process: BaseProcess, limit: float | None) -> Any:
        if not pipe.poll(limit):
            _end([process])
            raise OpError(Problem("timed-out", f"stopped after {limit:g} s", hint="raise timeout"))
        try:
            fine, value = pipe.recv()
        except EOFError:
            process.join()
            said = f"the worker died (exit status {process.exitcode})"
            raise OpError(Problem("worker-died", said, hint="out of memory?")) from None
        if fine:
            return value
        raise value

    def close(self, *, now: bool = False) -> None:
        """Stop; `now` ends what runs."""
        if now:
            _end(list(self._running))
