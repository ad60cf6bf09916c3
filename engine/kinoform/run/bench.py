"""Does one local action: in a worker, or right here where that takes no time.

Bytes first, then the record that names them: what this returns is in the store already.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, KinoformError, OpError, Problem
from kinoform.core.types import Blob, Result
from kinoform.ports import Absent
from kinoform.run.work import Job, perform, perform_small

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kinoform.core.types import Action
    from kinoform.ports import Clock, Executor, Index, Ledger, Made, Service, Small, Store


class Locks(Protocol):
    """One worker per key among all processes of this machine."""

    def hold(self, key: str, on_wait: Callable[[str], None]) -> AbstractContextManager[None]:
        """Hold the key; `on_wait` is told who holds it, and ends the waiting by what it raises."""


class Slots(Protocol):
    """Places for work under way, shared by all processes of this machine."""

    def try_take(self) -> int | None:
        """A place, or None when all are taken."""

    def give(self, slot: int) -> None:
        """Give it back."""


class Pauses(Protocol):
    """Until when nobody asks, by name; shared between processes."""

    def until(self, name: str) -> float:
        """Seconds since the epoch; in the past when there is no pause."""

    def pause(self, name: str, until: float) -> None:
        """Let nobody ask before then."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The effects of a run.

    `results` knows what is on record, also beside the ledger. `ops` leads from an op's name to "module:function", `verify` is that of the check of downloads;
    `slots(name, most)` are the places of an account.
    """

    store: Store
    ledger: Ledger
    results: Callable[[Collection[str]], Mapping[str, Result]]
    locks: Locks
    executor: Executor
    clock: Clock
    ops: Mapping[str, str]
    services: Mapping[str, Service]
    index: Index
    pauses: Pauses
    slots: Callable[[str, int], Slots]
    verify: str


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


def inline(
    shop: Shop, actions: Sequence[Action]
) -> tuple[list[Result | KinoformError], dict[str, bytes]]:
    """Ops that read no bytes and take no time, done at once.

    What came of each, or its OpError or EnvError; and the bytes of all that is in the store, by digest.
    """
    started = shop.clock.now()
    made = [perform_small(shop.ops[action.op.name], action) for action in actions]
    datas = [one.data for each in made if not isinstance(each, KinoformError) for one in each]
    kept = shop.store.add_all(datas, durable=False)
    places = iter(kept)
    found = [_kept(each, places) for each in made]
    ended = started + (shop.clock.now() - started) / max(len(made), 1)  # of each its share
    results = [
        one if isinstance(one, KinoformError) else _result(action, one, started, ended, "")
        for action, one in zip(actions, found, strict=True)
    ]
    return results, {
        name: data for name, data in zip(kept, datas, strict=True) if type(name) is str
    }


def _kept(
    made: tuple[Small, ...] | KinoformError, kept: Iterator[str | EnvError]
) -> tuple[Blob, ...] | KinoformError:
    """What an op gave, as the store has it; a fault of the op or of the store instead."""
    if isinstance(made, KinoformError):
        return made
    blobs: list[Blob] = []
    faults: list[EnvError] = []
    for one, digest in zip(made, kept, strict=False):  # in this order: no digest is taken in vain
        if isinstance(digest, EnvError):
            faults.append(digest)
        else:
            blobs.append(Blob(digest, len(one.data), one.media, one.facts))
    return faults[0] if faults else tuple(blobs)


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
        from shutil import rmtree  # noqa: PLC0415  (brings three packers along)

        rmtree(out, ignore_errors=True)
