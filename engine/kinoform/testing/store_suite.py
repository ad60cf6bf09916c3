"""What every `ports.Store` must do, as facts to run one by one.

Each fact takes an empty store and an empty folder: `for fact in FACTS: fact(store, tmp)`.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from kinoform.core.canon import digest_of
from kinoform.core.errors import EnvError
from kinoform.ports import Absent
from kinoform.testing.check import check, refuses, same

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kinoform.ports import Store

_MISSING: Final = digest_of(b"nobody has added this")
_ODD: Final = (
    "",
    "sha256:",
    "sha256:../../etc/passwd",
    _MISSING.upper(),
    f"{_MISSING}\n",
    "a" * 64,
)


def bytes_come_back_under_their_digest(store: Store, _: Path) -> None:
    """`add_bytes` names bytes by their sha256, `path` gives just them."""
    for durable in (False, True):
        for data in (b"", b"one", bytes(300_000), bytes([durable])):
            digest = store.add_bytes(data, durable=durable)
            same(digest, digest_of(data))
            same(store.path(digest).read_bytes(), data)
            same(store.read(digest), data)


def a_file_is_moved_in(store: Store, tmp: Path) -> None:
    """`add` takes the file over: it is gone from where it was."""
    for durable in (False, True):
        source = tmp / "made.png"
        source.write_bytes(b"picture %d" % durable)
        digest = store.add(source, durable=durable)
        check(not source.exists(), "the file is still there")
        same(store.path(digest).read_bytes(), b"picture %d" % durable)


def many_files_are_moved_in_at_once(store: Store, tmp: Path) -> None:
    """`add_all` does for each what `add` does, in order; for bytes too, and where two are the same."""
    held = b"held since long"
    store.add_bytes(held, durable=False)
    for durable in (True, False):
        datas = [*(b"picture %d %d" % (durable, number // 2) for number in range(40)), held]
        sources = [tmp / str(number) for number in range(len(datas))]
        for source, data in zip(sources, datas, strict=True):
            source.write_bytes(data)
        at_hand = [b"bytes %d" % durable, b"picture %d 7" % durable, held]
        digests = [digest_of(data) for data in (*datas, *at_hand)]
        same(store.add_all([*sources, *at_hand], durable=durable), digests)
        same([source for source in sources if source.exists()], [])
        same([store.read(digest) for digest in digests], [*datas, *at_hand])
        same(store.add_all([], durable=durable), [])


def small_ones_are_added_at_once(store: Store, _: Path) -> None:
    """Bytes that need not be synced: what is there is kept, or made whole."""
    held, torn = (store.add_bytes(data, durable=True) for data in (b"held", b"torn"))
    before = store.path(held).stat().st_ino
    _overwrite(store.path(torn), b"to")
    datas = [b"held", b"", b"new", b"torn", b"new"]
    same(store.add_all(datas, durable=False), [digest_of(data) for data in datas])
    same([store.read(digest_of(data)) for data in datas], datas)
    same(store.path(held).stat().st_ino, before)
    same(store.path(digest_of(b"new")).stat().st_mode & 0o222, 0)


def a_fault_of_one_of_many_spares_the_others(store: Store, tmp: Path) -> None:
    """What cannot be taken in is told in its place, and stays; its neighbours are kept."""
    for name in ("first", "last"):
        (tmp / name).write_bytes(name.encode())
    (tmp / "folder").mkdir()
    names = ("first", "gone", "folder", "last")
    found = store.add_all([tmp / name for name in names], durable=True)
    same([found[0], found[3]], [digest_of(b"first"), digest_of(b"last")])
    same([type(each) for each in found[1:3]], [EnvError, EnvError])
    check((tmp / "folder").is_dir(), "what was refused is gone")
    same(store.has([digest_of(b"first"), digest_of(b"last")]), {found[0], found[3]})


def scratch_folders_are_empty_and_distinct(store: Store, _: Path) -> None:
    """Work in one cannot meet work in another, and what is made there can be added."""
    one, two = store.scratch(), store.scratch()
    check(one != two, "two pieces of work share a folder")
    same([*one.iterdir(), *two.iterdir()], [])
    (one / "clip.mp4").write_bytes(b"clip")
    same(store.path(store.add(one / "clip.mp4", durable=True)).read_bytes(), b"clip")


def has_tells_what_is_held(store: Store, _: Path) -> None:
    """Any number of digests at once; odd text is not held and no error."""
    held = {store.add_bytes(b"%d" % i, durable=False) for i in range(600)}
    same(store.has([*held, _MISSING, *_ODD]), held)
    some = sorted(held)[:3]
    same(store.has(some), set(some))
    same(store.has([]), set())
    same(store.has([_MISSING]), set())


def what_is_not_held_is_absent(store: Store, _: Path) -> None:
    """`path` raises Absent, for text that is no digest too."""
    for digest in (_MISSING, *_ODD):
        refuses(partial(store.path, digest), Absent)


def adding_again_keeps_the_first_object(store: Store, tmp: Path) -> None:
    """The object of the first time stays, and is as young as what came later under its name."""
    digest = store.add_bytes(b"twice", durable=False)
    before = store.path(digest).stat()
    (tmp / "again").write_bytes(b"twice")
    same(store.add_bytes(b"twice", durable=True), digest)
    same(store.add(tmp / "again", durable=True), digest)
    check(not (tmp / "again").exists(), "the second file is still there")
    after = store.path(digest).stat()
    same(after.st_ino, before.st_ino)
    check(after.st_mtime_ns >= before.st_mtime_ns, "an object in use again looks unused")


def objects_are_read_only(store: Store, _: Path) -> None:
    """Nobody writes to an object by mistake."""
    mode = store.path(store.add_bytes(b"still", durable=False)).stat().st_mode
    same(mode & 0o222, 0)


def damaged_bytes_are_never_served(store: Store, _: Path) -> None:
    """Flipped, cut, emptied, swapped: Absent, then not held, then good again once added."""
    for damage in (b"", b"right byteS", b"right byte", b"right bytes\0"):
        digest = store.add_bytes(b"right bytes", durable=True)
        for look in (store.path, store.read):
            _overwrite(store.path(store.add_bytes(b"right bytes", durable=False)), damage)
            refuses(partial(look, digest), Absent)
        same(store.has([digest]), set())
    digest = store.add_bytes(b"right bytes", durable=True)
    same(store.path(digest).read_bytes(), b"right bytes")


def adding_repairs_a_damaged_object(store: Store, tmp: Path) -> None:
    """Keeping the old object holds for whole ones only."""
    digest = store.add_bytes(b"whole", durable=False)
    _overwrite(store.path(digest), b"torn")
    store.add_bytes(b"whole", durable=False)
    same(store.path(digest).read_bytes(), b"whole")
    _overwrite(store.path(digest), b"torn")
    (tmp / "file").write_bytes(b"whole")
    store.add(tmp / "file", durable=True)
    same(store.path(digest).read_bytes(), b"whole")


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(data)
        os.fsync(file.fileno())


FACTS: Final[tuple[Callable[[Store, Path], None], ...]] = (
    bytes_come_back_under_their_digest,
    a_file_is_moved_in,
    many_files_are_moved_in_at_once,
    small_ones_are_added_at_once,
    a_fault_of_one_of_many_spares_the_others,
    scratch_folders_are_empty_and_distinct,
    has_tells_what_is_held,
    what_is_not_held_is_absent,
    adding_again_keeps_the_first_object,
    objects_are_read_only,
    damaged_bytes_are_never_served,
    adding_repairs_a_damaged_object,
)
