"""Decodes what was downloaded, in a worker, many files in one go: a process each costs too much.

Knows the checker by name only ("module:function", handed in).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from kinoform.core.errors import KinoformError
from kinoform.run.work import checked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kinoform.core.types import Expect, Facts
    from kinoform.ports import Executor

Seen: TypeAlias = "tuple[str, Facts] | str"
_MOST = 64  # files in one go
_ROUNDS = 2  # workers at a time: while they work, the next round fills
_LIMIT = 120.0  # seconds for them


class Inspector:
    """Checks files by the function at `target`."""

    def __init__(self, executor: Executor, target: str) -> None:
        self._executor, self._target = executor, target
        self._waiting: list[tuple[Path, Expect, asyncio.Future[Seen]]] = []
        self._busy = 0
        self._rounds: set[asyncio.Task[None]] = set()

    async def inspect(self, path: Path, expect: Expect) -> Seen:
        """Media type and facts of a file that decodes as what was wanted; else what is wrong."""
        answer: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
        self._waiting.append((path, expect, answer))
        if self._busy < _ROUNDS:
            self._busy += 1
            round_ = asyncio.create_task(self._work())
            self._rounds.add(round_)
            round_.add_done_callback(self._rounds.discard)
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            try:
                seen = await self._look([(path, expect) for path, expect, _ in batch])
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear it)
                _fail([answer for _, _, answer in batch], error)
                continue
            for (_, _, answer), each in zip(batch, seen, strict=True):
                if not answer.done():
                    answer.set_result(each)
        self._busy -= 1  # with nothing awaited since the last look: nobody can be waiting

    async def _look(self, files: Sequence[tuple[Path, Expect]]) -> Sequence[Seen]:
        """One go; a file that takes the worker down with it is found by looking one by one."""
        try:
            return await self._executor.run(checked, self._target, files, limit=_LIMIT)
        except KinoformError as error:
            if len(files) == 1:
                return [error.problems[0].message]
        return [(await self._look([file]))[0] for file in files]


def _fail(answers: Sequence[asyncio.Future[Seen]], error: Exception) -> None:
    """Let everybody hear what says nothing of their files: a full disk, a missing tool."""
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
