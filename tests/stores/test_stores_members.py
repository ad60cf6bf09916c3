"""Facts of files in columns: an index like any other, and one look at each file of a folder."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from kinoform.stores.digests import FileDigests
from kinoform.stores.members import Members
from kinoform.stores.memory import MemoryIndex
from kinoform.stores.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path

LATER = 1 << 62  # nanoseconds: long after any write of a test
ONE = f"sha256:{hashlib.sha256(b'one').hexdigest()}"
TWO = f"sha256:{hashlib.sha256(b'two').hexdigest()}"


def opened(index: MemoryIndex) -> tuple[Members, FileDigests]:
    members = Members(Sheet(index, "here"))
    return members, FileDigests(members, now=lambda: LATER)


def learn(index: MemoryIndex, *paths: Path) -> None:
    members, digests = opened(index)
    with digests:
        for path in paths:
            digests.digest(path)
    members.save()


@pytest.mark.parametrize("names", [("a.png",), ("a.png", "b c.png", "line\nbreak.png")])
def test_what_was_saved_is_known_to_the_next_until_it_changes(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    index, wanted = MemoryIndex(), dict.fromkeys(names, ONE)
    for name in names:
        (tmp_path / name).write_bytes(b"one")
    learn(index, *(tmp_path / name for name in names))
    folder = str(tmp_path)
    assert opened(index)[0].differ(folder, wanted) == []
    assert opened(index)[0].differ(folder, dict.fromkeys(names, TWO)) == list(names)
    assert opened(index)[0].differ(f"{folder}/other", wanted) == list(names)
    (tmp_path / names[-1]).write_bytes(b"two")
    assert opened(index)[0].differ(folder, wanted) == [names[-1]]
    learn(index, tmp_path / names[-1])
    assert opened(index)[0].differ(folder, wanted | {names[-1]: TWO}) == []


def test_links_and_what_is_gone_are_never_known(tmp_path: Path) -> None:
    index, picture = MemoryIndex(), tmp_path / "picture.png"
    picture.write_bytes(b"one")
    (tmp_path / "link.png").symlink_to(picture)
    (tmp_path / "gone.png").write_bytes(b"one")
    learn(index, *tmp_path.iterdir())
    (tmp_path / "gone.png").unlink()
    wanted = dict.fromkeys(["picture.png", "link.png", "gone.png"], ONE)
    assert opened(index)[0].differ(str(tmp_path), wanted) == ["link.png", "gone.png"]


def test_a_known_file_is_not_read_again(tmp_path: Path) -> None:
    index, picture = MemoryIndex(), tmp_path / "picture.png"
    picture.write_bytes(b"one")
    learn(index, picture)
    assert opened(index)[1].knows(str(picture), picture.stat())
    assert not opened(index)[1].knows(str(tmp_path / "other.png"), picture.stat())


@pytest.mark.parametrize("text", ["", "/", "a.png", "a.png/zz/", "a.png//", "a.png/00/sha256:0"])
def test_what_is_damaged_says_nothing(text: str, tmp_path: Path) -> None:
    index = MemoryIndex()
    sheet = Sheet(index, "here")
    sheet.put({str(tmp_path): text})
    sheet.save()
    (tmp_path / "a.png").write_bytes(b"one")
    assert opened(index)[0].differ(str(tmp_path), {"a.png": ONE}) == ["a.png"]


def test_a_number_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    members, _ = opened(MemoryIndex())
    key = f"file:{tmp_path}/a.png"
    members.put({key: f'[3, 1, 1, {1 << 64}, 1, "{ONE}"]'})
    assert members.get(key) is None
    members.put({key: f'[3, 1, 1, 7, 1, "{ONE}"]'})
    assert members.get(key) == f'[3, 1, 1, 7, 1, "{ONE}"]'
