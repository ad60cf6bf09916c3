"""Bytes of a file as locks: one holder each, free when it is dead, refused where they do not hold."""

from __future__ import annotations

import errno
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kinoform.stores import ranges
from kinoform.stores.locks import KeyLocks, OneFile
from kinoform.stores.ranges import ByteRanges
from kinoform.stores.slots import Slots
from kinoform.testing.check import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not ranges.AVAILABLE, reason="no byte locks on this system")


@contextmanager
def child(work: Callable[[], object]) -> Iterator[None]:
    """A forked process that has done this, and is killed at the end."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            work()
            os.write(write, b"x")
            signal.pause()
        finally:
            os._exit(1)
    os.close(write)
    try:
        assert os.read(read, 1) == b"x"
        yield
    finally:
        os.close(read)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_a_byte_has_one_holder(tmp_path: Path) -> None:
    one, two = ByteRanges(tmp_path / "x" / "lock"), ByteRanges(tmp_path / "x" / "lock")
    assert one.take(5)
    assert not one.take(5)
    assert not two.take(5)
    assert two.take(6)
    assert one.take(ranges.MOST - 1)
    one.give(5)
    assert two.take(5)
    with pytest.raises(KeyError):
        one.give(5)
    assert (tmp_path / "x" / "lock").stat().st_mode & 0o777 == 0o600


def test_closing_frees_all_and_may_be_done_twice(tmp_path: Path) -> None:
    one, two = ByteRanges(tmp_path / "lock"), ByteRanges(tmp_path / "lock")
    assert one.take(1)
    one.close()
    one.close()
    assert two.take(1)
    assert not one.take(1)
    two.close()


def test_what_an_object_held_is_free_when_it_is_gone(tmp_path: Path) -> None:
    two = ByteRanges(tmp_path / "lock")
    assert ByteRanges(tmp_path / "lock").take(1)
    assert two.take(1)


def test_closing_another_file_of_the_same_name_frees_nothing(tmp_path: Path) -> None:
    one, two = ByteRanges(tmp_path / "lock"), ByteRanges(tmp_path / "lock")
    assert one.take(1)
    (tmp_path / "lock").read_bytes()  # POSIX locks would end here
    assert not two.take(1)


def test_a_forked_child_holds_nothing_and_its_parents_death_frees_all(tmp_path: Path) -> None:
    (read, write), (told, tell) = os.pipe(), os.pipe()
    locks, inner = ByteRanges(tmp_path / "lock"), ByteRanges(tmp_path / "lock")

    def parent() -> None:
        assert inner.take(1)
        if not os.fork():
            os.write(tell, b".")  # it runs, so that it has let go of what it was born with
            os.close(write)
            os.read(read, 1)
            os._exit(0)
        os.read(told, 1)

    with child(parent):
        assert not locks.take(1)
    assert locks.take(1)  # though the child of the dead one still lives
    for end in (read, write, told, tell):
        os.close(end)


def test_locks_that_let_everybody_in_are_refused(tmp_path: Path) -> None:
    def pretend(descriptor: int, start: int, *, hold: bool) -> bool:
        return True

    locks = KeyLocks(tmp_path, latches=OneFile(tmp_path, lock=pretend))
    for _ in range(2):
        problem = refusal(lambda: locks.hold("a", print).__enter__())
        assert problem.code == "locks-broken"
        assert problem.path.endswith("keys.lock")
        assert "KINOFORM_HOME" in problem.hint


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOLCK, "locks-broken"), (errno.EIO, "disk-failed")]
)
def test_a_disk_without_locks_is_refused(number: int, code: str, tmp_path: Path) -> None:
    def fail(descriptor: int, start: int, *, hold: bool) -> bool:
        raise OSError(number, os.strerror(number))

    locks = ByteRanges(tmp_path / "lock", lock=fail)
    assert refusal(lambda: locks.take(1)).code == code


def test_a_lock_file_that_was_removed_lets_nobody_in(tmp_path: Path) -> None:
    locks = ByteRanges(tmp_path / "lock")
    assert locks.take(1)
    (tmp_path / "lock").unlink()
    assert refusal(lambda: locks.take(2)).code == "locks-broken"


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "theirs")
    assert refusal(lambda: ByteRanges(tmp_path / "lock").take(1)).code == "disk-failed"
    assert not (tmp_path / "theirs").exists()


def test_no_more_slots_are_held_than_there_are(tmp_path: Path) -> None:
    one, two = Slots(tmp_path, "runware 3f9a", 3), Slots(tmp_path, "runware 3f9a", 3)
    assert [one.try_take(), two.try_take(), one.try_take()] == [0, 1, 2]
    assert one.try_take() is None
    assert two.try_take() is None
    one.give(2)
    assert two.try_take() == 2
    for slots, slot in ((one, 2), (two, 0), (one, 7)):
        with pytest.raises(KeyError):
            slots.give(slot)
    assert Slots(tmp_path, "wavespeed 3f9a", 1).try_take() == 0
    assert Slots(tmp_path, "nothing", 0).try_take() is None


def test_processes_that_may_take_different_numbers_keep_to_their_own(tmp_path: Path) -> None:
    few, many = Slots(tmp_path, "a", 1), Slots(tmp_path, "a", 2)
    assert [many.try_take(), many.try_take()] == [0, 1]
    assert few.try_take() is None
    many.give(1)
    assert few.try_take() is None
    many.give(0)
    assert few.try_take() == 0


def test_a_killed_process_leaves_no_slot_taken(tmp_path: Path) -> None:
    mine, theirs = Slots(tmp_path, "a", 2), Slots(tmp_path, "a", 2)

    def work() -> None:
        assert {theirs.try_take(), theirs.try_take()} == {0, 1}

    for _ in range(100):
        with child(work):
            assert mine.try_take() is None
        assert [mine.try_take(), mine.try_take()] == [0, 1]
        mine.give(0)
        mine.give(1)
