"""Local work in processes of its own, one for each job: a crash, a leak or a hang stays there.

Jobs are forked from a warm server that has the ops imported already, which costs milliseconds; a
pool of long-lived workers was rejected because one job's time-out would have to kill its sharers.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from kinoform.core.errors import OpError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")


def _child(pipe: Connection, work: Callable[..., Any], args: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    try:
        answer: tuple[bool, Any] = (True, work(*args))
    except Exception as error:  # noqa: BLE001  (whatever it is, the parent must hear it)
        answer = (False, error)
    pipe.send(answer)
    pipe.close()


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

    async def run(self, work: Callable[..., T], /, *args: object, limit: float | None = None) -> T:
        """The result of `work(*args)`; its exception is raised here.

        Raises OpError when the worker died (`worker-died`) or was stopped (`timed-out`).
        """
        return await asyncio.to_thread(self._one, work, args, limit)

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
            process.kill()
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
        for process in list(self._running) if now else ():
            with suppress(ValueError):
                process.terminate()
