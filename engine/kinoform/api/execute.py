"""Carries a plan out: wires store, ledger, workers and providers to the run loop."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from kinoform.run.bench import Shop
from kinoform.run.loop import Loop, Order, Stop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.api.home import Home
    from kinoform.api.planning import Planned
    from kinoform.api.setting import Setting
    from kinoform.core.report import Ended, RunReport
    from kinoform.core.types import Blob, Event, Source, Step
    from kinoform.ports import Provider

Signals: TypeAlias = Callable[[Callable[[], None]], AbstractContextManager[None]]
_HOSTED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Watch:
    """Who listens and who may stop: `tell` hears every event, `signals(press)` routes to `press`."""

    tell: Callable[[Event], None] = lambda _event: None
    signals: Signals = lambda _press: nullcontext()
    fail_fast: bool = False

    def also(self, hear: Callable[[Event], None]) -> Watch:
        """The same, with another listener before the first."""

        def both(event: Event) -> None:
            hear(event)
            self.tell(event)

        return replace(self, tell=both)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the project itself answers during a run; see `run.loop.Order`."""

    project: str
    supply: Callable[[Source, Blob], None]
    check: Callable[[Step], None]
    publish: Callable[[Step, Ended], bool]


def execute(home: Home, setting: Setting, planned: Planned, desk: Desk, watch: Watch) -> RunReport:
    """Run the plan to its end, or until told to stop. Raises EnvError."""
    executor = setting.workers()
    shop = Shop(
        home.store,
        home.ledger,
        home.locks,
        executor,
        setting.clock,
        setting.ops,
        setting.providers,
    )
    order = Order(
        run=uuid.uuid4().hex[:12],
        project=desk.project,
        plan=planned.plan,
        survey=planned.survey,
        supply=desk.supply,
        check=desk.check,
        publish=desk.publish,
        tell=watch.tell,
        limits=_limits(setting.providers),
        fail_fast=watch.fail_fast,
    )
    try:
        return asyncio.run(_run(order, shop, watch.signals))
    finally:
        executor.close(now=True)
        home.digests.flush()


def _limits(providers: Mapping[str, Provider]) -> dict[str, int]:
    return {"cpu": os.cpu_count() or 1} | dict.fromkeys(providers, _HOSTED_AT_ONCE)


async def _run(order: Order, shop: Shop, signals: Signals) -> RunReport:
    stop = Stop()
    with signals(stop.press):
        return await Loop(order, shop, stop).run()
