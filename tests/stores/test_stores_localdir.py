"""Bytes come back as they were, or not at all; nothing half-written or foreign is served."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kinoform.core.canon import digest_of
from kinoform.core.errors import EnvError
from kinoform.ports import Absent
from kinoform.stores import scratch
from kinoform.stores.localdir import LocalStore
from kinoform.testing import store_suite

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Store

DATA = b"what was bought"
DIGEST = digest_of(DATA)
OTHER_DISK = Path("/dev", "shm")


def code_of(error: pytest.ExceptionInfo[EnvError]) -> str:
    return error.value.problems[0].code


def place_of(root: Path, digest: str = DIGEST) -> Path:
    return root / "objects" / digest[7:9] / digest[9:]


@pytest.mark.parametrize("fact", store_suite.FACTS, ids=lambda fact: fact.__name__)
def test_a_local_store_is_a_store(fact: Callable[[Store, Path], None], tmp_path: Path) -> None:
    (tmp_path / "free").mkdir()
    fact(LocalStore(tmp_path / "store"), tmp_path / "free")


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    assert store.has([DIGEST]) == set()
    with pytest.raises(Absent):
        store.path(DIGEST)
    assert list(tmp_path.iterdir()) == []


def test_objects_lie_by_digest_and_are_private(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "store"
    LocalStore(root).add_bytes(DATA, durable=True)
    assert place_of(root).stat().st_mode & 0o777 == 0o444
    for folder in (root.parent, root, root / "objects", place_of(root).parent, root / "tmp"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list((root / "tmp").iterdir()) == []


def test_a_damaged_object_is_set_aside_not_destroyed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.add_bytes(DATA, durable=False)
    place_of(tmp_path).chmod(0o600)
    place_of(tmp_path).write_bytes(b"rotten")
    with pytest.raises(Absent):
        store.path(DIGEST)
    (kept,) = (tmp_path / "quarantine").iterdir()
    assert kept.name.startswith(DIGEST[7:])
    assert kept.read_bytes() == b"rotten"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "dangling"])
def test_only_a_regular_file_is_an_object(kind: str, tmp_path: Path) -> None:
    store, outside = LocalStore(tmp_path / "store"), tmp_path / "outside"
    outside.write_bytes(DATA)
    place = place_of(tmp_path / "store")
    place.parent.mkdir(parents=True)
    match kind:
        case "link":
            place.symlink_to(outside)
        case "dangling":
            place.symlink_to(tmp_path / "nowhere")
        case "folder":
            place.mkdir()
        case _:
            os.mkfifo(place)
    with pytest.raises(Absent):
        store.path(DIGEST)
    assert outside.read_bytes() == DATA
    store.add_bytes(DATA, durable=True)
    assert store.path(DIGEST).is_file()
    assert not store.path(DIGEST).is_symlink()


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_only_a_regular_file_is_taken_in(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    match kind:
        case "link":
            (tmp_path / "secret").write_bytes(DATA)
            source.symlink_to(tmp_path / "secret")
        case "folder":
            source.mkdir()
        case _:
            os.mkfifo(source)
    with pytest.raises(EnvError) as error:
        LocalStore(tmp_path / "store").add(source, durable=False)
    assert code_of(error) == "not-a-file"
    assert os.path.lexists(source)


def test_a_file_with_another_name_is_copied_so_that_nobody_can_write_to_the_object(
    tmp_path: Path,
) -> None:
    store = LocalStore(tmp_path / "store")
    source, other = tmp_path / "source", tmp_path / "other"
    source.write_bytes(DATA)
    os.link(source, other)
    store.add(source, durable=True)
    assert not source.exists()
    other.write_bytes(b"changed")
    assert store.path(DIGEST).read_bytes() == DATA


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EnvError) as error:
        LocalStore(tmp_path / "store").add(tmp_path / "gone", durable=False)
    assert error.value.problems[0].path == str(tmp_path / "gone")


@pytest.mark.skipif(not os.access(OTHER_DISK, os.W_OK), reason="no second file system")
def test_a_file_of_another_file_system_is_taken_in(tmp_path: Path) -> None:
    if OTHER_DISK.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system")
    far = OTHER_DISK / f"kinoform-{os.getpid()}"
    far.write_bytes(DATA)
    store = LocalStore(tmp_path / "store")
    assert store.add(far, durable=True) == DIGEST
    assert not far.exists()
    assert store.path(DIGEST).stat().st_mode & 0o777 == 0o444


def test_a_store_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "store"
    root.mkdir()
    root.chmod(0o770)
    with pytest.raises(EnvError) as error:
        LocalStore(root).add_bytes(DATA, durable=False)
    assert code_of(error) == "store-unsafe"
    assert "chmod 700" in error.value.problems[0].hint


def test_a_file_in_the_way_of_the_store_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    with pytest.raises(EnvError) as error:
        LocalStore(tmp_path / "store" / "deep").add_bytes(DATA, durable=False)
    assert error.value.problems[0].path


def test_has_gives_one_answer_whichever_way_it_looks(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    held = [store.add_bytes(b"%d" % i, durable=False) for i in range(1_500)]
    missing = [digest_of(b"no %d" % i) for i in range(1_500)]
    for some in (held[:1], held[:300], held, [*held, *missing], missing):
        assert store.has(some) == set(some) & set(held)


def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_what_dead_processes_left_is_cleared_by_the_next_writer(tmp_path: Path) -> None:
    mine = LocalStore(tmp_path).scratch()
    tmp = tmp_path / "tmp"
    pid, old = dead_pid(), time.time() - 7_200
    elsewhere = "0123abcd"
    names = {
        f"{pid}-{scratch.boot()}-{'1' * 12}": False,  # dead on this boot
        f"{pid}-{elsewhere}-{'2' * 12}": False,  # dead, elsewhere, old
        f"{os.getpid()}-{elsewhere}-{'3' * 12}": False,  # our pid, but of another boot, old
        f"{os.getppid()}-{elsewhere}-{'4' * 12}": True,  # may be alive
        "notes": True,  # not ours
    }
    for name in names:
        (tmp / name).mkdir()
        (tmp / name / "part").write_bytes(b"half")
        os.utime(tmp / name / "part", (old, old))
        os.utime(tmp / name, (old, old))
    young = tmp / f"{pid}-{elsewhere}-{'5' * 12}"
    busy = tmp / f"{pid}-{elsewhere}-{'6' * 12}"
    young.mkdir()
    busy.mkdir()
    (busy / "part").write_bytes(b"still growing")
    os.utime(busy, (old, old))
    LocalStore(tmp_path).add_bytes(DATA, durable=False)
    left = {entry.name for entry in tmp.iterdir()}
    assert left == {name for name, stays in names.items() if stays} | {
        mine.name,
        young.name,
        busy.name,
    }


def test_clearing_follows_no_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "film").write_bytes(b"film")
    tmp = tmp_path / "store" / "tmp"
    tmp.mkdir(parents=True, mode=0o700)
    tmp.parent.chmod(0o700)
    (tmp / f"{dead_pid()}-{scratch.boot()}-{'1' * 12}").symlink_to(precious)
    LocalStore(tmp_path / "store").scratch()
    assert (precious / "film").read_bytes() == b"film"
    assert len(list(tmp.iterdir())) == 1


def test_an_object_that_is_swapped_all_the_time_is_whole_or_absent(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.add_bytes(DATA, durable=False)
    place, stop = place_of(tmp_path), threading.Event()
    for name, data in (("good", DATA), ("bad", b"what was planted")):
        (tmp_path / name).write_bytes(data)

    def swap() -> None:
        while not stop.is_set():
            for name in ("good", "bad"):
                shutil.copyfile(tmp_path / name, tmp_path / "next")
                (tmp_path / "next").replace(place)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(300):
            with suppress(Absent):
                assert store.path(DIGEST) == place
    finally:
        stop.set()
        thread.join()
    store.add_bytes(DATA, durable=False)
    assert store.path(DIGEST).read_bytes() == DATA


def test_two_processes_that_add_the_same_bytes_end_with_one_whole_object(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kinoform.stores.localdir import LocalStore\n"
        "store = LocalStore(Path(sys.argv[1]))\n"
        "for i in range(50):\n"
        "    store.add_bytes(b'%d' % i * 9_000, durable=i % 2 == 0)\n"
        "    file = store.scratch() / 'f'; file.write_bytes(b'file %d' % i)\n"
        "    store.add(file, durable=i % 2 == 1)\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program, tmp_path]) for _ in range(4)]
    assert [worker.wait() for worker in workers] == [0] * 4
    store = LocalStore(tmp_path)
    for i in range(50):
        assert store.path(digest_of(b"%d" % i * 9_000)).stat().st_nlink == 1
        assert store.path(digest_of(b"file %d" % i)).stat().st_nlink == 1
    assert list((tmp_path / "quarantine").iterdir()) == []


def test_scratch_names_never_repeat() -> None:
    assert len({scratch.new_name() for _ in range(1_000)}) == 1_000
