"""What a provider's clock shows is told by an answer that came promptly, not by a late one."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from kinoform.ports import Reply, Request, Service
from kinoform.run.post import Post
from kinoform.stores.localdir import LocalStore
from kinoform.testing.fakes import FakeProvider, make_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kinoform.ports import Insert

NOW = 1_795_000_000.0


class Late(FakeProvider):
    """Answers so many seconds late, and tells the time of its answer."""

    def __init__(self, delays: Iterable[float]) -> None:
        super().__init__()
        self._delays = iter(delays)

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        del request, insert
        took = next(self._delays)
        return Reply(200, headers={"date": formatdate(NOW + took, usegmt=True)}, at=NOW, took=took)


@pytest.mark.parametrize(
    ("delays", "offset"),
    [
        ((1.0, 30.0), 1.0),
        ((1.0, 30.0, 2.0), 2.0),
        ((30.0,), 30.0),
        ((30.0, 20.0, 25.0, 40.0), 20.0),
    ],
)
def test_a_late_answer_is_believed_only_while_there_is_no_better_one(
    tmp_path: Path, delays: tuple[float, ...], offset: float
) -> None:
    provider = Late(delays)
    post = Post(Service(provider, provider, make_account("fake")), LocalStore(tmp_path), object())  # type: ignore[arg-type]  # the clock is not asked

    async def ask() -> None:
        for _ in delays:
            await post.send(Request("GET", "/"))

    asyncio.run(ask())
    assert post.offset == offset
