"""Row i: hashing inputs, for the first time and again, beside hashlib and the file system."""

from __future__ import annotations

import hashlib
import os
import time
from statistics import median
from typing import TYPE_CHECKING

from races import TURNS, Record, Row, tell

from kinoform.api.files import ProjectFiles
from kinoform.api.home import open_home
from kinoform.core.types import File
from kinoform.stores.digests import FileDigests
from kinoform.stores.memory import MemoryIndex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEGA = 1 << 20
LARGE, CLIPS, MANY = 256, 8, 10_000


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _beside(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, taken in turn."""
    times = [(_seconds(ours), _seconds(theirs)) for _ in range(TURNS)]
    return median(t for t, _ in times), median(t for _, t in times)


def test_one_large_file_beside_hashlib(tmp_path: Path, record_property: Record) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(os.urandom(MEGA) * LARGE)

    def plainly() -> None:
        with file.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")

    ours, theirs = _beside(lambda: FileDigests(MemoryIndex()).digest(file), plainly)
    what = f"hash of one file, {LARGE} MB, bytes per second"
    rates = LARGE / ours, LARGE / theirs
    row = Row("i", what, *rates, "hashlib.file_digest", "MB/s", goal=0.9, at_least=True)
    tell(record_property, row)


def test_large_new_files_beside_hashlib_one_after_the_other(
    tmp_path: Path, record_property: Record
) -> None:
    clips = [tmp_path / f"{n}.mp4" for n in range(CLIPS)]
    for clip in clips:
        clip.write_bytes(os.urandom(MEGA) * (LARGE // CLIPS))

    def plainly() -> None:
        for clip in clips:
            with clip.open("rb") as stream:
                hashlib.file_digest(stream, "sha256")

    ours, theirs = _beside(lambda: FileDigests(MemoryIndex()).ahead(clips), plainly)
    what = f"first read of {CLIPS} files, {LARGE} MB together, {os.cpu_count()} cores"
    tell(record_property, Row("i", what, ours, theirs, "hashlib.file_digest"))


def test_ten_thousand_unchanged_inputs_beside_their_stats(
    tmp_path: Path, record_property: Record
) -> None:
    root = tmp_path / "film"
    names = [f"in/{n // 100:03}/{n:05}.txt" for n in range(MANY)]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    time.sleep(0.05)  # what changed within a tick of the clock is not remembered
    home = open_home(tmp_path / "home")

    def again() -> None:
        files = ProjectFiles(root, home)
        for name in names:
            files.blob(File(name))
        files.flush()

    again()
    ours, theirs = _beside(again, lambda: [os.stat(root / name) for name in names])  # noqa: PTH116  (timed as it is)
    what = f"{MANY:,} unchanged inputs known again"
    tell(record_property, Row("i", what, ours, theirs, "a stat each"))
