"""Digests of files are remembered only where nothing can have changed unseen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kinoform.core.canon import digest_of
from kinoform.stores.digests import FileDigests, Hashed
from kinoform.stores.memory import MemoryIndex

if TYPE_CHECKING:
    from pathlib import Path

LATER = 10_000_000_000  # ten seconds, in the clock's nanoseconds


class Counting(MemoryIndex):
    """Counts what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def put(self, items: object) -> None:
        assert isinstance(items, dict)
        self.batches.append(len(items))
        super().put(items)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b"one")
    return path


def clock_after(path: Path, nanoseconds: int = LATER) -> int:
    return path.stat().st_ctime_ns + nanoseconds


def swap_quietly(path: Path, data: bytes) -> None:
    """Other bytes with the same size, times and inode, as a write within one tick leaves them."""
    before = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_digest_is_that_of_the_bytes(picture: Path) -> None:
    assert FileDigests(MemoryIndex()).digest(picture) == Hashed(digest_of(b"one"), 3)


def test_a_settled_file_is_not_read_again(picture: Path) -> None:
    index, now = MemoryIndex(), clock_after(picture)
    with FileDigests(index, now=lambda: now) as digests:
        digests.digest(picture)
    planted = index.get(f"file:{picture}")
    assert planted is not None
    index.put({f"file:{picture}": planted.replace(digest_of(b"one"), digest_of(b"planted"))})
    assert FileDigests(index).digest(picture) == Hashed(digest_of(b"planted"), 3)


def test_what_was_learned_is_used_before_it_is_written(picture: Path) -> None:
    index, now = Counting(), clock_after(picture)
    digests = FileDigests(index, now=lambda: now)
    first = digests.digest(picture)
    assert digests._fresh
    assert digests.digest(picture) == first
    assert index.batches == []
    digests.flush()
    digests.flush()
    assert index.batches == [1]


@pytest.mark.parametrize("age", [-LATER, 0, 10_000_000])
def test_a_file_that_changed_just_now_is_not_remembered(age: int, picture: Path) -> None:
    index, now = Counting(), clock_after(picture, age)
    with FileDigests(index, now=lambda: now) as digests:
        assert digests.digest(picture).digest == digest_of(b"one")
        swap_quietly(picture, b"two")
        assert digests.digest(picture).digest == digest_of(b"two")
    assert index.batches == []


@pytest.mark.parametrize("change", ["bytes", "size", "touch", "replace"])
def test_any_change_is_seen(change: str, picture: Path) -> None:
    index, now = MemoryIndex(), clock_after(picture)
    with FileDigests(index, now=lambda: now) as digests:
        digests.digest(picture)
    data = b"one"
    match change:
        case "bytes":
            data, before = b"two", picture.stat().st_ctime_ns
            while picture.stat().st_ctime_ns == before:  # the next tick of the file system's clock
                swap_quietly(picture, data)
        case "size":
            data = b"three"
            picture.write_bytes(data)
        case "touch":
            os.utime(picture, (1, 1))
        case _:
            data = b"new"
            (picture.parent / "next").write_bytes(data)
            (picture.parent / "next").replace(picture)
    assert FileDigests(index).digest(picture) == Hashed(digest_of(data), len(data))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "7", '["x"]', "[3,", '"' * 9])
def test_a_torn_memory_is_no_memory(text: str, picture: Path) -> None:
    index = MemoryIndex()
    index.put({f"file:{picture}": text})
    assert FileDigests(index).digest(picture).digest == digest_of(b"one")


def test_many_files_are_written_in_batches(tmp_path: Path) -> None:
    index = Counting()
    paths = [tmp_path / f"{i}.txt" for i in range(1_100)]
    for path in paths:
        path.write_text(path.name)
    now = clock_after(paths[-1])
    with FileDigests(index, now=lambda: now) as digests:
        found = [digests.digest(path) for path in paths]
    assert found == [Hashed(digest_of(p.name.encode()), len(p.name)) for p in paths]
    assert index.batches == [512, 512, 76]


def test_what_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    digests = FileDigests(MemoryIndex())
    for path in (tmp_path / "gone", tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match=path.name):
            digests.digest(path)


def test_files_read_ahead_are_known_and_what_cannot_be_read_is_left_alone(
    picture: Path, tmp_path: Path
) -> None:
    other, gone = tmp_path / "other.png", tmp_path / "gone.png"
    other.write_bytes(b"two")
    now = clock_after(other)
    digests = FileDigests(MemoryIndex(), now=lambda: now)
    assert not digests.knows(str(other), other.stat())
    digests.ahead([picture, gone, tmp_path, other])
    assert digests.knows(str(picture), picture.stat())
    assert digests.digest(other) == Hashed(digest_of(b"two"), 3)
    with pytest.raises(FileNotFoundError):
        digests.digest(gone)
