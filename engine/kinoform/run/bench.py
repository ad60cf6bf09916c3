"""Does one action: local ops in a worker, trivial ones right here, hosted ones by their provider.

Bytes first, then the record that names them: what this returns is in the store already.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from kinoform.core.errors import EnvError, OpError, Problem
from kinoform.core.types import Blob, Result
from kinoform.ports import Absent, Fail
from kinoform.run.drive import drive
from kinoform.run.work import Job, perform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kinoform.core.types import Action
    from kinoform.ports import Clock, Executor, Ledger, Made, Provider, Store


class Locks(Protocol):
    """One worker per key among all processes of this machine."""

    def hold(self, key: str, on_wait: Callable[[str], None]) -> AbstractContextManager[None]:
        """Hold the key; `on_wait` is told who holds it, and ends the waiting by what it raises."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The effects of a run. `ops` leads from an op's name to "module:function"."""

    store: Store
    ledger: Ledger
    locks: Locks
    executor: Executor
    clock: Clock
    ops: Mapping[str, str]
    providers: Mapping[str, Provider]


def blobs_in(params: object) -> Iterable[Blob]:
    """Every blob in a bound request."""
    if isinstance(params, Blob):
        yield params
    elif isinstance(params, dict):
        for value in params.values():
            yield from blobs_in(value)
    elif isinstance(params, list | tuple):
        for value in params:
            yield from blobs_in(value)


def _files(store: Store, action: Action) -> dict[str, Path]:
    try:
        return {blob.digest: store.path(blob.digest) for blob in blobs_in(action.params)}
    except Absent as absent:
        said = f"an input is missing or damaged in the store: {absent}"
        raise OpError(
            Problem("input-damaged", said, hint="run again: it will be made anew")
        ) from None


def _keep(store: Store, made: Iterable[Made]) -> tuple[Blob, ...]:
    kept = []
    for one in made:
        size = one.path.stat().st_size
        kept.append(Blob(store.add(one.path, durable=False), size, one.media, one.facts))
    return tuple(kept)


def _result(
    action: Action, outputs: tuple[Blob, ...], started: float, ended: float, tool: str
) -> Result:
    return Result(
        key=action.key,
        step=action.step,
        take=action.take,
        op=action.op.name,
        kind=action.op.kind,
        outputs=outputs,
        manifest=action.manifest,
        seconds=round(ended - started, 3),
        model_digest=action.op.model_digest,
        tool=tool,
    )


def inline(shop: Shop, action: Action) -> Result:
    """An op that reads no bytes and takes no time, done at once. Raises OpError, EnvError."""
    started, out = shop.clock.now(), shop.store.scratch()
    try:
        made = perform(Job(shop.ops[action.op.name], action, {}, out))
        return _result(action, _keep(shop.store, made), started, shop.clock.now(), "")
    finally:
        shutil.rmtree(out, ignore_errors=True)


async def local(shop: Shop, action: Action) -> Result:
    """An op in a worker. Raises OpError, EnvError."""
    started, out = shop.clock.now(), shop.store.scratch()
    try:
        files = await asyncio.to_thread(_files, shop.store, action)
        job = Job(shop.ops[action.op.name], action, files, out)
        made = await shop.executor.run(perform, job, limit=action.timeout)
        outputs = await asyncio.to_thread(_keep, shop.store, made)
        tool = made[0].tool if made else ""
        return _result(action, outputs, started, shop.clock.now(), tool)
    finally:
        shutil.rmtree(out, ignore_errors=True)


async def hosted(shop: Shop, action: Action) -> Result:
    """A purchase. Paid bytes are on the disk before this returns. Raises EnvError, OpError."""
    started = shop.clock.now()
    move = await drive(shop.providers[action.op.pool], action, shop.clock)
    if isinstance(move, Fail):
        raise EnvError(Problem("provider-failed", f"{move.kind}: {move.message}"))
    outputs = tuple(
        Blob(shop.store.add_bytes(o.data, durable=True), len(o.data), o.media, o.facts)
        for o in move.outputs
    )
    found = _result(action, outputs, started, shop.clock.now(), "")
    return replace(found, paid=move.paid, seed=move.seed, task=move.task, grade="archived")
