"""What every `ports.Executor` must do, as facts to run one by one: `fact(executor)` on a new one."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.errors import OpError, Problem
from kinoform.testing.check import refuses, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Executor


def doubled(number: int) -> int:
    """Work with an answer."""
    return 2 * number


def refused(said: str) -> None:
    """Work with an error for people."""
    raise OpError(Problem("op-crashed", said))


def _run(executor: Executor, *calls: tuple[Any, ...], kept: bool) -> list[Any]:
    async def together() -> list[Any]:
        return await asyncio.gather(*(executor.run(*call, limit=60, kept=kept) for call in calls))

    return asyncio.run(together())


def each_answer_comes_to_who_asked(executor: Executor) -> None:
    """Many at once, whoever does them."""
    for kept in (False, True):
        found = _run(executor, *((doubled, number) for number in range(8)), kept=kept)
        same(found, [2 * number for number in range(8)])


def an_error_comes_to_who_asked(executor: Executor) -> None:
    """What was raised there is raised here, and ends nothing else."""
    for kept in (False, True, True):
        refuses(partial(_run, executor, (refused, "no"), kept=kept), OpError)
        same(_run(executor, (doubled, 4), kept=kept), [8])


FACTS: Final[tuple[Callable[[Executor], None], ...]] = (
    each_answer_comes_to_who_asked,
    an_error_comes_to_who_asked,
)
