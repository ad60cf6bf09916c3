"""A shared folder: whole files under their names or none, no link followed, no call it may lack."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from kinoform.core.canon import digest_of
from kinoform.core.errors import EnvError
from kinoform.ports import Absent
from kinoform.stores.inside import WRITE, Inside
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"what was bought"
DIGEST = digest_of(DATA)
KEY = "ab" * 32


@pytest.fixture
def shared(tmp_path: Path) -> SharedFolder:
    """One that holds an object and a record."""
    folder = SharedFolder(tmp_path / "team")
    folder.begin()
    (tmp_path / "source").write_bytes(DATA)
    folder.give(DIGEST, tmp_path / "source")
    folder.file(KEY, "a record")
    return folder


def test_what_is_given_can_be_taken(shared: SharedFolder, tmp_path: Path) -> None:
    shared.take(DIGEST, len(DATA), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    assert shared.size(DIGEST) == len(DATA)
    assert (shared.record(KEY), shared.keys()) == ("a record", [KEY])
    assert (shared.root / "objects" / DIGEST[7:9] / DIGEST[9:]).read_bytes() == DATA


def test_what_is_not_there_is_absent(shared: SharedFolder, tmp_path: Path) -> None:
    with pytest.raises(Absent):
        shared.take(digest_of(b"other"), 5, tmp_path / "out")
    assert shared.size(digest_of(b"other")) is None
    assert shared.record("0" * 64) is None
    assert shared.record("../../../etc/passwd") is None


@pytest.mark.parametrize("size", [0, 1, len(DATA) - 1, len(DATA) + 1, 1 << 40])
def test_bytes_of_another_number_than_was_said_are_not_taken(
    shared: SharedFolder, tmp_path: Path, size: int
) -> None:
    with pytest.raises(Absent):
        shared.take(DIGEST, size, tmp_path / "out")


def test_bytes_that_changed_on_their_way_out_get_no_name(
    shared: SharedFolder, tmp_path: Path
) -> None:
    (tmp_path / "source").write_bytes(b"changed meanwhile")
    with pytest.raises(Absent):
        shared.give(digest_of(b"as it was"), tmp_path / "source")
    assert shared.size(digest_of(b"as it was")) is None
    assert list((shared.root / "tmp").iterdir()) == []


def test_an_endless_record_is_not_read_to_its_end(shared: SharedFolder) -> None:
    place = shared.root / "records" / KEY[:2] / KEY
    with place.open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing
    with pytest.raises(Absent):
        shared.record(KEY)


def test_what_a_synced_folder_adds_of_its_own_is_passed_over(shared: SharedFolder) -> None:
    (shared.root / "records" / "ab" / f"{KEY} (conflicted copy)").write_text("x")
    (shared.root / "records" / ".sync").mkdir()
    (shared.root / ".DS_Store").write_text("x")
    assert shared.keys() == [KEY]
    shared.look()


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_is_absent(shared: SharedFolder, tmp_path: Path, kind: str) -> None:
    place = shared.root / "objects" / DIGEST[7:9] / DIGEST[9:]
    place.unlink()
    match kind:
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case _:
            place.symlink_to(tmp_path / "source")
    assert shared.size(DIGEST) is None
    with pytest.raises(Absent):
        shared.take(DIGEST, len(DATA), tmp_path / "out")


def test_the_folder_itself_may_be_a_link(shared: SharedFolder, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(shared.root)
    SharedFolder(tmp_path / "shortcut").take(DIGEST, len(DATA), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "team").write_text("in the way")
    with pytest.raises(EnvError) as error:
        SharedFolder(tmp_path / "team").begin()
    assert error.value.problems[0].code == "shared-refused"


# with and without calls that open a name within an open folder


@pytest.fixture(params=[True, False], ids=["by handle", "by path"])
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Inside:
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (tmp_path / "root" / "away").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "a" / "secret").symlink_to(tmp_path / "outside" / "secret")
    return Inside(tmp_path / "root", by_handle=request.param)


def test_nothing_is_read_or_written_through_a_link(inside: Inside, tmp_path: Path) -> None:
    for folder, name in ((("away",), "secret"), (("a",), "secret")):
        with pytest.raises(OSError) as error:  # noqa: PT011  (which it is, the next line says)
            inside.open(folder, name)
        assert error.value.errno in {errno.ELOOP, errno.ENOTDIR}
        if folder == ("a",):
            assert inside.size(folder, name) is None
    with pytest.raises(OSError):  # noqa: PT011  (a folder that is a link, by either name of it)
        inside.open(("away",), "new", WRITE)
    with pytest.raises(OSError):  # noqa: PT011  (a folder that is a link, by either name of it)
        inside.ensure(("away", "deep"))
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["secret"]


def test_files_are_made_moved_listed_and_removed(inside: Inside) -> None:
    inside.ensure(("b", "c"))
    os.close(inside.open(("b",), "one", WRITE))
    inside.move((("b",), "one"), (("b", "c"), "two"))
    inside.sync(("b", "c"))
    assert (inside.names(("b",)), inside.names(("b", "c"))) == (["c"], ["two"])
    assert inside.size(("b", "c"), "two") == 0
    inside.remove(("b", "c"), "two")
    inside.remove(("b", "c"), "two")
    assert (inside.names(("b", "c")), inside.names(("none",))) == ([], [])


def test_a_name_that_is_taken_is_not_written_to(inside: Inside) -> None:
    os.close(inside.open(("a",), "one", WRITE))
    with pytest.raises(FileExistsError):
        inside.open(("a",), "one", WRITE)
