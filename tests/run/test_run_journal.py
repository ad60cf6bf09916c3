"""What the journal promises to who waits: a record is on the disk when its writer goes on, or it hears."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from paid_work import NOON, Work
from virtual_time import virtually

from kinoform.core.errors import EnvError, Problem
from kinoform.run.journal import Journal
from kinoform.stores.memory import MemoryLedger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.core.tasks import Task
    from kinoform.core.types import Event


class Disk(MemoryLedger):
    """A ledger on a disk that is full for a while."""

    full = False

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[list[str]] = []

    def append(self, events: Sequence[Event]) -> None:
        if self.full:
            raise EnvError(Problem("disk-full", "no space on the disk"))
        super().append(events)
        self.groups.append([event.kind for event in events])


class Noon:
    def now(self) -> float:
        return NOON

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def begun(disk: Disk) -> Task:
    work = Work()
    work.begin("clip")
    disk.append(work.events)
    (task,) = disk.open_tasks()
    return task


def running(disk: Disk) -> Task:
    work = Work()
    work.then(work.begin("clip"), "ack")
    disk.append(work.events)
    (task,) = disk.open_tasks()
    return task


def test_a_note_that_cannot_be_written_takes_no_record_with_it() -> None:
    disk = Disk()
    task = begun(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        recorded = asyncio.ensure_future(journal.record(task, "ack", {"task": "t-1"}))
        await asyncio.sleep(0)
        journal.note("started", {}, "small")
        disk.full = True
        with pytest.raises(EnvError):
            journal.flush()
        disk.full = False
        await recorded

    asyncio.run(story())
    assert [each.state for each in disk.open_tasks()] == ["running"]


def test_a_record_that_cannot_be_written_is_heard_of() -> None:
    disk = Disk()
    task = begun(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        disk.full = True
        with pytest.raises(EnvError):
            await journal.record(task, "ack", {"task": "t-1"})

    asyncio.run(story())
    assert [each.state for each in disk.open_tasks()] == ["intended"]


def test_a_record_on_its_way_stops_nobody_until_it_is_awaited() -> None:
    disk = Disk()
    task = begun(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        after, written = journal.enter(task, "ack", {"task": "t-1"})
        assert (after.state, after.task) == ("running", "t-1")
        assert [each.state for each in disk.open_tasks()] == ["intended"]
        await written
        assert [each.state for each in disk.open_tasks()] == ["running"]

    asyncio.run(story())


def test_what_is_announced_is_written_with_the_next_record_of_its_task() -> None:
    disk = Disk()
    task = running(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        arrived = journal.announce(task, "sample", {"samples": []})
        assert arrived.state == "arrived"
        await journal.record(arrived, "partial", {"paid": "0"})

    asyncio.run(story())
    assert disk.groups[-1] == ["sample", "partial"]


def test_an_announcement_waits_for_no_more_than_two_seconds() -> None:
    disk = Disk()
    task = running(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        journal.announce(task, "sample", {"samples": []})
        for seconds, state in ((1.9, "running"), (0.2, "arrived")):
            await asyncio.sleep(seconds)
            assert [each.state for each in disk.open_tasks()] == [state]

    virtually(lambda _loop: story())


def test_an_announcement_is_written_when_its_task_is_let_go() -> None:
    disk = Disk()
    task = running(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        await journal.settle(journal.announce(task, "sample", {"samples": []}))
        assert [each.state for each in disk.open_tasks()] == ["arrived"]

    asyncio.run(story())


def test_nothing_is_recorded_after_an_announcement_that_could_not_be_written() -> None:
    disk = Disk()
    task = running(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        arrived = journal.announce(task, "sample", {"samples": []})
        disk.full = True
        journal.hurry(arrived)
        await asyncio.sleep(1)
        disk.full = False
        with pytest.raises(EnvError):
            await journal.record(arrived, "partial", {"paid": "0"})

    virtually(lambda _loop: story())
    assert [each.state for each in disk.open_tasks()] == ["running"]


def test_what_was_left_is_written_at_the_end() -> None:
    disk = Disk()
    task = begun(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        waiting = asyncio.ensure_future(journal.record(task, "ack", {"task": "t-1"}))
        await asyncio.sleep(0)
        journal.close()
        waiting.cancel()

    asyncio.run(story())
    assert [each.state for each in disk.open_tasks()] == ["running"]


def test_so_is_what_was_announced() -> None:
    disk = Disk()
    task = running(disk)

    async def story() -> None:
        journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
        journal.announce(task, "sample", {"samples": []})
        journal.close()

    asyncio.run(story())
    assert [each.state for each in disk.open_tasks()] == ["arrived"]


def test_it_says_so_while_nothing_can_be_written() -> None:
    disk = Disk()
    task = begun(disk)
    journal = Journal(disk, Noon(), "run", task.project, lambda _event: None)
    for full in (True, False):
        disk.full = full
        journal.note("started", {}, "small")
        with pytest.raises(EnvError) if full else nullcontext():
            journal.flush()
        assert (journal.fault is not None) is full
