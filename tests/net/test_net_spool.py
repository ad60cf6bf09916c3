"""Bytes that are gathered come into their file whole and in order, and its faults come out."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kinoform.net.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _written(path: Path, parts: Sequence[bytes]) -> None:
    async def write(threads: ThreadPoolExecutor) -> None:
        spool = Spool(path, threads)
        for part in parts:
            await spool.write(part)
        await spool.end()

    with ThreadPoolExecutor(1) as threads:
        asyncio.run(write(threads))


@pytest.mark.parametrize("sizes", [(), (1,), (1, 600_000, 3), (400_000,) * 5])
def test_the_file_holds_all_parts_in_order(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    parts = [bytes([number]) * size for number, size in enumerate(sizes)]
    (tmp_path / "file").write_bytes(b"what stood there before")
    _written(tmp_path / "file", parts)
    assert (tmp_path / "file").read_bytes() == b"".join(parts)


def test_a_fault_of_the_disk_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _written(tmp_path / "no such folder" / "file", [b"data"])
