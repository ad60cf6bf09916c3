"""Takes downloads in, by a worker and many in one go: decoded, then kept on the disk itself.

A process each would cost too much, and so would each file's own wait for the disk. Knows the checker
by name only ("module:function", handed in).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from kinoform.core.errors import EnvError, KinoformError
from kinoform.run.work import taken_in

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from pathlib import Path

    from kinoform.core.types import Blob, Expect
    from kinoform.ports import Executor, Store
    from kinoform.run.work import Arrival, Taken

_FOLDERS = 16
_MOST = 64  # files in one go
# Workers at a time: while they work, the next round fills. The run itself and what it talks to want a
# processor as well.
_ROUNDS = min(2, max(1, (os.cpu_count() or 1) // 2))
_PATIENCE = 0.7  # seconds that workers wait to be hired: first the submits need the processors
_LIMIT = 120.0  # seconds for them
_SMALL = 1 << 18  # bytes of a body that may be handed over without a file
_HELD = 1 << 24  # bytes of such bodies that may wait


class Inspector:
    """Checks files by the function at `target`, and keeps what is right in `store`.

    `limit` is how many seconds those may take that are looked at in one go.
    """

    def __init__(
        self, executor: Executor, target: str, store: Store, limit: float = _LIMIT
    ) -> None:
        self._executor, self._target, self._store = executor, target, store
        self._limit = limit
        self._waiting: list[tuple[Arrival, asyncio.Future[Taken]]] = []
        self._busy, self._warm, self._held = 0, False, 0
        self._rounds: set[asyncio.Task[None]] = set()
        self._folder: Path | None = None
        self._folders: list[Path] = []
        self._numbers = count(1)

    def place(self) -> Path:
        """Where the next download goes: a name of its own. Raises EnvError, OSError.

        In one of a few folders: one for each would cost more than the file, and in one for all each
        new file would wait for the others.
        """
        if self._folder is None:
            self._folder = self._store.scratch()
            self._folders = [self._folder / str(number) for number in range(_FOLDERS)]
            for folder in self._folders:
                folder.mkdir()
        number = next(self._numbers)
        return self._folders[number % _FOLDERS] / str(number)

    @property
    def room(self) -> int:
        """Bytes of a body that may be handed over as it is: a file more costs more than they do."""
        return _SMALL if self._held < _HELD else 0

    async def take(self, path: Path, expect: Expect, data: bytes = b"") -> Blob | str:
        """The file, in the store and on the disk; or what is wrong with it, where it is not kept.

        With `data` its bytes are these, and it is not written yet. Raises EnvError, and OSError, for
        what says nothing of the file: a full disk, a missing tool.
        """
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append(((path, expect, data), answer))
        if self._busy < _ROUNDS:
            self._busy += 1
            self._start(self._work())
        self._held += len(data)
        try:
            found = await answer
        finally:
            self._held -= len(data)
        if isinstance(found, EnvError):
            raise found
        return found

    def warm(self) -> None:
        """Let workers get ready while there is nothing for them to do yet."""
        if not self._warm:
            self._warm = True
            for _ in range(_ROUNDS):
                self._start(self._rehearse())

    def close(self) -> None:
        """Remove what nobody wants any more."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def _rehearse(self) -> None:
        await asyncio.sleep(_PATIENCE)
        if self._folder is None:  # else a download has begun, and hires who looks at it
            with suppress(Exception):  # whatever it is, the first file will meet it too
                await self._look([])

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            batch = [each for each in batch if not each[1].done()]  # but for who gave up
            try:
                taken = await self._look([arrival for arrival, _ in batch])
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear it)
                _fail([answer for _, answer in batch], error)
                continue
            for (_, answer), each in zip(batch, taken, strict=True):
                if not answer.done():
                    answer.set_result(each)
        self._busy -= 1  # with nothing awaited since the last look: nobody can be waiting

    async def _look(self, files: Sequence[Arrival]) -> Sequence[Taken]:
        """One go; a file that takes the worker down with it is found by looking one by one."""
        try:
            return await self._executor.run(
                taken_in, self._target, self._store, files, limit=self._limit, kept=True
            )
        except KinoformError as error:
            if len(files) == 1:
                return [error.problems[0].message]
        except FileNotFoundError:
            if len(files) == 1:
                return ["it is not there any more"]
        return [(await self._look([file]))[0] for file in files]


def _fail(answers: Sequence[asyncio.Future[Taken]], error: Exception) -> None:
    """Let everybody hear what says nothing of their files: a missing tool, a disk that fails."""
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
