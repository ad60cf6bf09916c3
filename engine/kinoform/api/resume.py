"""Goes on with paid work from the ledger alone, for one project or all of a user's."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from kinoform.api.execute import Watch, shop
from kinoform.run.loop import Stop
from kinoform.run.resume import Rest, Resumed, Resumption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.api.home import Home
    from kinoform.api.setting import Setting
    from kinoform.core.tasks import Task
    from kinoform.run.bench import Shop

__all__ = ["Resumed", "resume"]


def resume(home: Home, setting: Setting, tasks: Sequence[Task], watch: Watch) -> list[Resumed]:
    """How each of these tasks stands after everything was done for it. Raises EnvError."""
    effects = shop(home, setting, {task.provider for task in tasks} & setting.hosted.known)
    rest = Rest(uuid.uuid4().hex[:12], tasks, watch.tell, setting.hosted.absent)
    try:
        return asyncio.run(_run(rest, effects, watch))
    finally:
        effects.executor.close(now=True)


async def _run(rest: Rest, effects: Shop, watch: Watch) -> list[Resumed]:
    stop = Stop()
    with watch.signals(stop.press):
        return await Resumption(rest, effects, stop).run()
