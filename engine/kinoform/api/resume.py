"""Goes on with paid work from the ledger alone, for one project or all of a user's."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.api.execute import shop
from kinoform.api.lockbook import LockBook
from kinoform.api.pulling import restore
from kinoform.core.classes import dataclass
from kinoform.run.buy import Buyer
from kinoform.run.halt import Halt, Stop
from kinoform.run.journal import Journal
from kinoform.run.resume import Rest, Resumed, Resumption
from kinoform.stores.rescue import rescue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kinoform.api.home import Home
    from kinoform.api.setting import Setting
    from kinoform.api.watch import Watch
    from kinoform.core.tasks import Task
    from kinoform.core.types import Event, Result
    from kinoform.run.bench import Shop

__all__ = ["Resumed", "recover", "resume"]

_REST = 3_600.0  # seconds before a provider is asked again for what it had not and nobody needs


def resume(home: Home, setting: Setting, tasks: Sequence[Task], watch: Watch) -> list[Resumed]:
    """How each of these tasks stands after everything was done for it. Raises EnvError."""
    opened = setting.hosted.open({task.provider for task in tasks} & setting.hosted.known)
    effects = shop(home, setting, opened.ready)
    absent = {**setting.hosted.absent, **opened.absent}

    def tell(event: Event) -> None:
        watch.tell(event)
        watch.rest()  # there is no turn in which all have ended that can

    rest = Rest(uuid.uuid4().hex[:12], tasks, tell, absent)
    try:
        ended = asyncio.run(_run(rest, effects, watch))
    finally:
        effects.executor.close(now=True)
    for each in ended:
        _lock(each)
    return ended


def _lock(ended: Resumed) -> None:
    """Record a purchase beside its pipeline, if that is still there: git's is the copy that lasts."""
    root = Path(ended.task.project)
    if ended.result is not None and root.is_dir():
        LockBook(root).keep(ended.result.step, ended.result, fresh=True)


def recover(
    home: Home,
    setting: Setting,
    results: Mapping[str, Result],
    root: Path,
    idle: Collection[str] = (),
) -> frozenset[str]:
    """The keys of those whose lost bytes came back.

    From `out/` of the project at `root`, else from a shared folder, else from their providers, which are
    asked once an hour for those in `idle`: nobody waits for them. Raises EnvError.
    """
    blobs = {blob.digest: blob for result in results.values() for blob in result.outputs}
    lost = blobs.keys() - home.store.has(blobs)
    shown = rescue(root, "out", home.store, [blobs[digest] for digest in lost])
    if setting.frozen or lost == shown:
        return frozenset(k for k, r in results.items() if _is_whole(home, r))
    back = restore(home, results.values())
    rest = home.ledger.tasks(results.keys() - back)
    bought = {task.key: task for task in rest if task.state == "done"}
    names = {task.provider for task in bought.values()} & setting.hosted.known
    services = setting.hosted.open(names).ready if names else {}
    asked = _Asked(home, setting.clock.now())
    there = [key for key, task in bought.items() if task.provider in services]
    there = [key for key in there if key not in idle or not asked.lately(key)]
    if not there:
        return back
    effects = shop(home, setting, services)
    try:
        pairs = [(results[key], bought[key]) for key in there]
        found = asyncio.run(_recover(effects, pairs))
    finally:
        effects.executor.close(now=True)
    asked.note({*there} - found)
    return back | found


@dataclass(frozen=True, slots=True)
class _Asked:
    """When providers were last asked in vain for what they made: each run would ask once more."""

    home: Home
    now: float

    def lately(self, key: str) -> bool:
        """Whether to leave them in peace about this one."""
        return float(self.home.index.get(f"asked:{key}") or 0) > self.now - _REST

    def note(self, keys: Collection[str]) -> None:
        """They did not have these."""
        if keys:
            self.home.index.put({f"asked:{key}": str(self.now) for key in keys})


def _is_whole(home: Home, result: Result) -> bool:
    digests = {blob.digest for blob in result.outputs}
    return home.store.has(digests) == digests


async def _recover(effects: Shop, lost: Sequence[tuple[Result, Task]]) -> frozenset[str]:
    journal = Journal(effects.ledger, effects.clock, "", "", lambda _event: None)
    buyer = Buyer(effects, journal, Halt(effects.clock))
    try:
        back = await asyncio.gather(*(buyer.recover(result, task) for result, task in lost))
    finally:
        await buyer.close()
    return frozenset(result.key for (result, _), found in zip(lost, back, strict=True) if found)


async def _run(rest: Rest, effects: Shop, watch: Watch) -> list[Resumed]:
    stop = Stop()
    with watch.signals(stop.press):
        return await Resumption(rest, effects, stop).run()
