"""What it costs a paid task to be safe: the driver on a real ledger and store, with and without syncs.

The carrier answers at once, so that all time is ours. Tasks are bought in turns: one with every sync,
one with a ledger and a store that never wait for the disk. Alone, a task waits for each of its syncs;
of many at once a group shares one.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from statistics import median, quantiles
from typing import TYPE_CHECKING

from races import Record, Row, tell

from kinoform.core.tasks import Cap
from kinoform.core.types import Action, Expect, Op
from kinoform.run.bench import Shop
from kinoform.run.halt import Halt
from kinoform.run.journal import Journal
from kinoform.run.maker import Maker
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.stores.locks import KeyLocks
from kinoform.stores.memory import MemoryIndex
from kinoform.stores.pauses import Pauses
from kinoform.stores.slots import Slots
from kinoform.testing.fakes import FakeProvider, Here

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kinoform.core.errors import EnvError

TASKS, SIZE = 200, 20_000
CROWD, ROUNDS = 50, 6  # tasks at once, and how often
PRICE = Decimal("0.01")


class HastyLedger(SqliteLedger):
    """The same transactions, and none waits for the disk."""

    @contextmanager
    def _writing(self, *, synced: bool) -> Iterator[sqlite3.Connection]:
        with super()._writing(synced=False) as db:
            yield db


class HastyStore(LocalStore):
    """The same files, and none waits for the disk."""

    def add(self, path: Path, *, durable: bool) -> str:
        return super().add(path, durable=False)

    def add_all(self, sources: Sequence[Path | bytes], *, durable: bool) -> list[str | EnvError]:
        return super().add_all(sources, durable=False)

    def add_bytes(self, data: bytes, *, durable: bool) -> str:
        return super().add_bytes(data, durable=False)


class WallClock:
    """The machine's."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _maker(folder: Path, ledger: SqliteLedger, store: LocalStore) -> Maker:
    clock = WallClock()
    provider = FakeProvider(
        price=PRICE, at_once=CROWD, answer=lambda action: action.key.encode() * (SIZE // 64)
    )
    shop = Shop(
        store=store,
        ledger=ledger,
        results=ledger.results,
        locks=KeyLocks(folder / "locks"),
        executor=Here(),
        clock=clock,
        ops={},
        services=provider.services(),
        index=MemoryIndex(),
        pauses=Pauses(folder / "pauses"),
        slots=lambda name, most: Slots(folder / "slots", name, most),
        verify="kinoform.testing.fakes:believe",
    )
    journal = Journal(ledger, clock, "bench", "/film", lambda _event: None)
    journal.caps = (Cap("user", "", PRICE * 2 * (TASKS + CROWD * ROUNDS), "the budget"),)
    halt = Halt(clock)
    return Maker(shop, journal, halt)


def _action(number: int) -> Action:
    params = {"prompt": f"frame {number}"}
    return Action(
        key=sha256(f"frame {number}".encode()).hexdigest(),
        step=f"still@s{number:04}",
        take=1,
        op=Op("runware/klingai:kling-image@o3", 0, "hosted", "runware"),
        params=params,
        inputs={},
        expects=(Expect("image/jpeg"),),
        manifest={"params": params},
    )


async def _bought(maker: Maker, action: Action) -> float:
    started = time.perf_counter()
    result = await maker.make(action, again=False, reserve=PRICE)
    assert result is not None
    return time.perf_counter() - started


def _synced(path: Path) -> float:
    """One bare sync of this disk as it is now, for scale."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(descriptor, bytes(4096))
        started = time.perf_counter()
        os.fsync(descriptor)
        return time.perf_counter() - started
    finally:
        os.close(descriptor)


async def _in_turns(safe: Maker, hasty: Maker, file: Path) -> list[tuple[float, float, float]]:
    return [
        (await _bought(safe, _action(n)), await _bought(hasty, _action(n)), _synced(file))
        for n in range(TASKS)
    ]


async def _together(maker: Maker, numbers: range) -> float:
    """Seconds for each of so many tasks at once."""
    started = time.perf_counter()
    await asyncio.gather(*(_bought(maker, _action(number)) for number in numbers))
    return (time.perf_counter() - started) / len(numbers)


async def _in_crowds(safe: Maker, hasty: Maker) -> list[tuple[float, float]]:
    crowds = [range(start, start + CROWD) for start in range(TASKS, TASKS + CROWD * ROUNDS, CROWD)]
    return [(await _together(safe, each), await _together(hasty, each)) for each in crowds]


async def _all(
    safe: Maker, hasty: Maker, file: Path
) -> tuple[list[tuple[float, float, float]], list[tuple[float, float]]]:
    return await _in_turns(safe, hasty, file), await _in_crowds(safe, hasty)


def test_what_safety_adds_to_a_paid_task(tmp_path: Path, record_property: Record) -> None:
    with (
        SqliteLedger(tmp_path / "a" / "ledger.sqlite") as ledger,
        HastyLedger(tmp_path / "b" / "ledger.sqlite") as hasty_ledger,
    ):
        makers = (
            _maker(tmp_path / "a", ledger, LocalStore(tmp_path / "a" / "store")),
            _maker(tmp_path / "b", hasty_ledger, HastyStore(tmp_path / "b" / "store")),
        )
        turns, crowds = asyncio.run(_all(*makers, tmp_path / "file"))
    safe, hasty, syncs = map(list, zip(*turns, strict=True))
    print()
    rows = {"a task, every sync": safe, "a task, no sync": hasty, "one bare sync": syncs}
    for name, seconds in rows.items():
        tail = quantiles(seconds, n=20)[-1]
        print(f"  {name:20} {median(seconds) * 1e3:6.2f} ms, 95 % within {tail * 1e3:.1f} ms")
    print(f"  load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"  safety adds {(median(safe) - median(hasty)) * 1e3:.2f} ms to the median task alone")
    added = median(with_syncs - without for with_syncs, without in crowds)
    print(f"  and {added * 1e3:.2f} ms to each of {CROWD} at once")
    alone = (median(safe), median(hasty))
    together = tuple(median(found) for found in zip(*crowds, strict=True))
    for what, (ours, theirs) in (("alone", alone), (f"of {CROWD} at once", together)):
        tell(record_property, Row("f", f"a paid task {what}", ours, theirs, "no sync"))
