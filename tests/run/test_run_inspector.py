"""Downloads are taken in by few workers, and a file that brings its worker down spares the others."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from kinoform.core.canon import digest_of
from kinoform.core.types import Blob, Expect
from kinoform.run.inspector import Inspector
from kinoform.run.workers import Processes
from kinoform.stores.localdir import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Desk:
    """Where files come in. Who looked at one stands in its media type."""

    def __init__(self, folder: Path) -> None:
        self.executor = Processes(["jobs"])
        self.inspector = Inspector(
            self.executor, "jobs:check_of", LocalStore(folder / "store"), limit=3.0
        )

    async def take(self, *texts: str) -> list[Blob | str]:
        """What becomes of files that come at once."""
        return await asyncio.gather(*map(self._take, texts))

    async def _take(self, text: str) -> Blob | str:
        path = self.inspector.place()
        path.write_text(text)
        return await self.inspector.take(path, Expect("text/plain"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.inspector.close()
    desk.executor.close(now=True)


def looked(found: list[Blob | str]) -> set[int]:
    """The processes that looked at these, all of them right."""
    return {int(each.media.partition("/")[2]) for each in found if isinstance(each, Blob)}


def test_two_workers_at_most_look_at_all_that_comes_in_many_rounds(desk: Desk) -> None:
    async def all_of_it() -> list[Blob | str]:
        desk.inspector.warm()
        rounds = [await desk.take(*(f"{number} {n}" for n in range(5))) for number in range(30)]
        return [found for each in rounds for found in each]

    found = asyncio.run(all_of_it())
    assert len({each.digest for each in found if isinstance(each, Blob)}) == 150
    assert len(looked(found)) <= 2


@pytest.mark.parametrize(
    ("fault", "said"), [("crash", "the worker died"), ("hang", "stopped after 3 s")]
)
def test_a_file_that_brings_its_worker_down_is_told_and_spares_the_others(
    desk: Desk, fault: str, said: str
) -> None:
    async def two_rounds() -> list[Blob | str]:
        return [*await desk.take("mara", fault, "lamp", "wrong"), *await desk.take("sea")]

    mara, broken, lamp, wrong, sea = asyncio.run(two_rounds())
    kept = [each.digest for each in (mara, lamp, sea) if isinstance(each, Blob)]
    assert kept == [digest_of(b"mara"), digest_of(b"lamp"), digest_of(b"sea")]
    assert isinstance(broken, str)
    assert said in broken
    assert wrong == "it is wrong"


def test_a_worker_that_is_killed_between_two_rounds_costs_nothing(desk: Desk) -> None:
    async def two_rounds() -> tuple[set[int], set[int]]:
        first = looked(await desk.take("mara", "lamp"))
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        return first, looked(await desk.take("sea", "stair"))

    first, second = asyncio.run(two_rounds())
    assert second
    assert first.isdisjoint(second)
