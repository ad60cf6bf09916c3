"""Carries a plan out: wires store, ledger, workers and providers to the run loop."""

from __future__ import annotations

import asyncio
import gc
import os
from contextlib import contextmanager
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from kinoform.api.consent import bill, share
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError
from kinoform.run.bench import Shop
from kinoform.run.halt import Stop
from kinoform.run.loop import Loop
from kinoform.run.order import Order
from kinoform.stores.backup import backup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kinoform.api.home import Home
    from kinoform.api.planning import Planned
    from kinoform.api.setting import Setting
    from kinoform.api.watch import Signals, Watch
    from kinoform.core.errors import Problem
    from kinoform.core.report import RunReport
    from kinoform.core.tasks import Cap
    from kinoform.core.types import Blob, Result, Source, Step
    from kinoform.ports import Service
    from kinoform.run.showing import Gallery

# New objects before the collector looks at them: what 1,500 steps leave. Ten of each step's can only be
# found by it, and to look through 50,000 took 15 ms while both processors were at work.
_MANY = 200_000
Limit: TypeAlias = "Callable[[str], Sequence[Cap]]"  # from a run's id to what it may spend


@dataclass(frozen=True, slots=True)
class Desk:
    """What the project itself answers during a run; see `run.loop.Order`."""

    project: str
    supply: Callable[[Source, Blob], None]
    check: Callable[[Step], None]
    gallery: Gallery
    results: Callable[[Collection[str]], Mapping[str, Result]]
    scopes: Mapping[str, str] = field(default_factory=dict)


def shop(
    home: Home,
    setting: Setting,
    services: Mapping[str, Service],
    results: Callable[[Collection[str]], Mapping[str, Result]] | None = None,
) -> Shop:
    """The effects of a run that reaches these providers. Raises EnvError, UsageError."""
    return Shop(
        store=home.store,
        ledger=home.ledger,
        results=results or home.ledger.results,
        locks=home.locks,
        executor=setting.workers(),
        clock=setting.clock,
        ops=setting.ops,
        services=services,
        index=home.index,
        pauses=home.pauses,
        slots=home.slots,
        verify=setting.verify,
    )


def execute(
    home: Home, setting: Setting, planned: Planned, desk: Desk, watch: Watch, limit: Limit
) -> RunReport:
    """Run the plan to its end, or until told to stop. Raises EnvError, SpendError."""
    opened = setting.hosted.open(_asked(planned) & setting.hosted.known)
    effects = shop(home, setting, opened.ready, desk.results)
    run = os.urandom(6).hex()
    ceilings = limit(run)
    order = Order(
        run=run,
        project=desk.project,
        plan=planned.plan,
        survey=planned.survey,
        supply=desk.supply,
        check=desk.check,
        gallery=desk.gallery,
        tell=watch.tell,
        rest=watch.rest,
        limits=_limits(effects.services, planned),
        caps=ceilings,
        unpriced=share(bill(planned, effects.services), ceilings, home.ledger.tasks),
        absent={**setting.hosted.absent, **opened.absent},
        scopes=desk.scopes,
        fail_fast=watch.fail_fast,
        leave=partial(_copied, home, setting),
    )
    try:
        with _rarely_collected():
            return asyncio.run(_run(order, effects, watch.signals))
    finally:
        effects.executor.close(now=True)
        home.digests.flush()


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """What was planned stays to the end, and so does what steps leave: a collector looks in vain."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_MANY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _copied(home: Home, setting: Setting) -> tuple[Problem, ...]:
    """What tells of money is worth a second copy; what stands in its way ends no run."""
    try:
        backup(home.ledger, setting.clock.now())
    except EnvError as error:
        return tuple(replace(problem, severity="warning") for problem in error.problems)
    return ()


def _asked(planned: Planned) -> set[str]:
    """Providers that this plan may need."""
    ops = (lot.pattern.op for lot in planned.plan.decisions.active.lots)
    return {op.pool for op in ops if op.kind == "hosted"}


def _limits(services: Mapping[str, Service], planned: Planned) -> dict[str, int]:
    """Work at once: of local tools, of each account, of each of its models."""
    limits = {"cpu": os.cpu_count() or 1}
    for name, service in services.items():
        models = {s.op.name for s in planned.graph.patterns if s.op.pool == name}
        limits |= {name: service.account.at_once}
        limits |= dict.fromkeys(models, service.account.per_model)
    return limits


async def _run(order: Order, effects: Shop, signals: Signals) -> RunReport:
    stop = Stop()
    with signals(stop.press):
        return await Loop(order, effects, stop).run()
