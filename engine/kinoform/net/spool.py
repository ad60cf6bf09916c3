"""Bytes on their way from the loop to a file, some at a time and in a thread.

While others sync, the file system lets every new file wait for milliseconds: in the loop that would
be the time of everybody. Knows no network.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

_HELD: Final = 1 << 19  # bytes that are gathered before they are written


class Spool:
    """Writes the file at `path` anew; what stands there after a fault is part of it, or nothing.

    No file is made for a body of no more than `most` bytes.
    """

    __slots__ = ("_file", "_held", "_most", "_size", "_threads", "path")

    def __init__(self, path: Path, threads: Executor, most: int = 0) -> None:
        self.path, self._threads, self._most = path, threads, most
        self._file: BinaryIO | None = None
        self._held: list[bytes] = []
        self._size = 0

    async def write(self, data: bytes) -> None:
        """Add these. Raises OSError."""
        self._held.append(data)
        self._size += len(data)
        if self._size >= _HELD:
            await self._spill(last=False)

    async def end(self) -> bytes:
        """The body, if it is small enough; else the whole file is there, and none. Raises OSError."""
        if self._file is None and 0 < self._size <= self._most:
            return b"".join(self._held)
        await self._spill(last=True)
        return b""

    def close(self) -> None:
        """Let go of the file, if it has not come to its end."""
        if self._file is not None:
            self._file.close()

    async def _spill(self, *, last: bool) -> None:
        held, self._held, self._size = self._held, [], 0
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._put, b"".join(held), last)

    def _put(self, data: bytes, last: bool) -> None:  # noqa: FBT001  (an executor hands on no names)
        if self._file is None:
            self._file = self.path.open("wb")
        self._file.write(data)
        if last:
            self._file.close()
