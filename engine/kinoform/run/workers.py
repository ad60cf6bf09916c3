"""Local work in processes of its own: a crash, a leak or a hang stays there.

Workers are forked from a warm server that has the ops imported already, which costs milliseconds: a
job gets one of its own. Where that is more than the job itself, a worker is kept and does one after
another. It is nobody else's meanwhile, as those of a pool are not either, but never more than one
job is lost with it: what died of an earlier job is told from what dies of this one.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from kinoform.core.errors import OpError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    Job: TypeAlias = "tuple[Callable[..., Any], tuple[object, ...]]"

T = TypeVar("T")
Answer: TypeAlias = tuple[bool, Any]  # whether it went well; the result, or the error
_MOST = 64  # jobs at once; who asks for them has closer limits
_JOBS = 256  # of a kept worker: what they leave in its memory ends with it
_GRACE = 2.0  # seconds between asking a worker to end and ending it
_TERMINAL = tuple(getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name))


@contextmanager
def _apart() -> Iterator[None]:
    """A process that is started meanwhile, and all it starts, hears none of a terminal's wishes.

    From its first moment on: the server imports for a while before it would ignore any. They are
    held back in this thread only, so that another one answers them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TERMINAL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """Do what comes, one job after another, until nobody can send any more."""
    for number in _TERMINAL:  # its wishes are the parent's to answer
        signal.signal(number, signal.SIG_IGN)
    # Unwound rather than killed, so that an op ends the program that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_follow_parent, daemon=True).start()
    gc.freeze()  # what the server had loaded stays: to look through it would copy it
    with suppress(EOFError, ConnectionError):
        while True:
            pipe.send(_answer(*pipe.recv()))


def _answer(work: Callable[..., Any], args: tuple[object, ...]) -> Answer:
    try:
        return True, work(*args)
    except Exception as error:  # noqa: BLE001  (whatever it is, the parent must hear it)
        return False, error


def _follow_parent() -> None:
    """End with the run, however that ended: nobody wants the answer any more."""
    from multiprocessing import parent_process  # noqa: PLC0415  (loaded in what this runs in)

    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(_GRACE)
        os._exit(1)  # the op is deep in some library


def _end(processes: Sequence[BaseProcess]) -> None:
    steps: tuple[Callable[[BaseProcess], None], ...] = (
        lambda one: one.terminate(),
        lambda one: one.join(_GRACE),
        lambda one: one.kill(),
    )
    for step in steps:
        for process in processes:
            with suppress(ValueError):  # ended and released already
                step(process)


class _Worker:
    """One process, and how many jobs it was given. Blocks: for threads."""

    def __init__(self, context: Any) -> None:
        self._pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _apart():
            self.process.start()
        theirs.close()
        self.jobs = 0

    def do(self, job: Job, limit: float | None) -> Answer | None:
        """What comes of it; None if the worker is dead. Raises TimeoutError."""
        self.jobs += 1
        try:
            self._pipe.send(job)
            if not self._pipe.poll(limit):
                raise TimeoutError
            answer: Answer = self._pipe.recv()
        except (EOFError, ConnectionError):
            return None
        return answer

    def end(self) -> None:
        """Wait until it has seen that it gets no more."""
        self._pipe.close()
        self.process.join()


class Processes:
    """An `Executor`. `preload` names the modules that the fork server imports once."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self._preload = list(preload)
        self._hired: set[_Worker] = set()
        self._idle: list[_Worker] = []  # those of them that are kept, and wait
        self._closed = False
        # Of its own: work that takes no time may not wait behind jobs that take hours.
        self._threads = ThreadPoolExecutor(_MOST)

    @cached_property
    def _context(self) -> Any:
        """How processes come about; loaded for the first, as many a run needs none."""
        import multiprocessing  # noqa: PLC0415  (text needs no process)

        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            context.set_forkserver_preload(self._preload)
            # Else it is begun with the server, and ends what `_apart` began.
            import_module("multiprocessing.resource_tracker").ensure_running()
        return context

    async def run(
        self, work: Callable[..., T], /, *args: Any, limit: float | None = None, kept: bool = False
    ) -> T:
        """The result of `work(*args)`; its exception is raised here.

        Raises OpError when the worker died (`worker-died`) or was stopped (`timed-out`). A `kept`
        worker that dies may have died of an earlier job, or idle: the next one tells.
        """
        import asyncio  # noqa: PLC0415  (loaded by then; the server that workers are forked from has none)

        loop = asyncio.get_running_loop()
        job = (work, args)
        return await loop.run_in_executor(self._threads, partial(self._one, job, limit, kept=kept))

    def _one(self, job: Job, limit: float | None, *, kept: bool) -> Any:
        answer = None
        while answer is None:
            worker = self._hire(kept=kept)
            try:
                answer = worker.do(job, limit)
            except TimeoutError:
                _end([worker.process])
                said = f"stopped after {limit:g} s"
                raise OpError(Problem("timed-out", said, hint="raise timeout")) from None
            finally:
                self._part(worker, kept=kept and answer is not None)
            if answer is None and worker.jobs == 1:
                said = f"the worker died (exit status {worker.process.exitcode})"
                raise OpError(Problem("worker-died", said, hint="out of memory?"))
        fine, value = answer
        if fine:
            return value
        raise value

    def _hire(self, *, kept: bool) -> _Worker:
        """One that waits; else a new one. Raises OpError once nobody wants the answer."""
        if self._closed:
            raise OpError(Problem("worker-died", "it was stopped with all other work"))
        if kept:
            with suppress(IndexError):
                return self._idle.pop()
        worker = _Worker(self._context)
        self._hired.add(worker)
        return worker

    def _part(self, worker: _Worker, *, kept: bool) -> None:
        """Let it wait for the next job, or go."""
        if kept and worker.jobs < _JOBS and not self._closed:
            self._idle.append(worker)
        else:
            self._hired.discard(worker)
            worker.end()

    def close(self, *, now: bool = False) -> None:
        """Stop: nobody is hired any more, who waits is let go; `now` also ends what runs."""
        self._closed = True
        idle, self._idle = self._idle, []
        _end([worker.process for worker in (list(self._hired) if now else idle)])
        for worker in idle:
            self._part(worker, kept=False)
