"""A pause is told to everybody, the later one counts, and no clock or file makes it endless."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from kinoform.stores.pauses import MOST, Pauses

NOW = 1_790_000_000.0


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


def test_a_pause_is_told_to_other_objects_and_is_one_private_file(tmp_path: Path) -> None:
    one, two = (Pauses(tmp_path / "pauses", now=Clock()) for _ in range(2))
    assert one.until("runware 3f9a") == 0
    assert not (tmp_path / "pauses").exists()
    one.pause("runware 3f9a", NOW + 10)
    assert two.until("runware 3f9a") == NOW + 10
    assert two.until("wavespeed 3f9a") == 0
    (file,) = (tmp_path / "pauses").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@given(st.lists(st.floats(-10, MOST), min_size=1, max_size=20))
def test_the_latest_of_all_counts_and_leaves_one_file(ahead: list[float]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        objects = [Pauses(folder, now=Clock()) for _ in range(2)]
        for i, seconds in enumerate(ahead):
            objects[i % 2].pause("a", NOW + seconds)
        late = objects[0].until("a") - (NOW + max(ahead))
        assert -0.000_001 <= late < 0.002
        assert len(list(folder.iterdir())) == 1


def test_a_pause_that_was_told_while_another_was_written_is_kept(tmp_path: Path) -> None:
    pauses = Pauses(tmp_path, now=Clock())
    pauses.pause("a", NOW + 10)
    (short,) = tmp_path.iterdir()
    pauses.pause("a", NOW + 20)
    short.touch()  # by a process that had looked before
    assert pauses.until("a") == NOW + 20


def test_no_pause_is_longer_than_the_longest(tmp_path: Path) -> None:
    pauses = Pauses(tmp_path, now=Clock())
    for until in (NOW + 86_400, float("inf"), 1e300):
        pauses.pause("a", until)
        assert pauses.until("a") == NOW + MOST
    pauses.pause("b", float("nan"))
    assert pauses.until("b") == 0


def test_a_clock_that_jumps_makes_no_pause_endless(tmp_path: Path) -> None:
    clock = Clock()
    pauses = Pauses(tmp_path, now=clock)
    pauses.pause("a", NOW + 60)
    clock.at = NOW - 86_400
    assert pauses.until("a") == 0
    pauses.pause("a", clock.at + 5)
    assert pauses.until("a") == clock.at + 5
    assert len(list(tmp_path.iterdir())) == 1
    clock.at = NOW + 86_400 * 3_650
    assert pauses.until("a") < clock.at


def test_foreign_files_are_no_pause(tmp_path: Path) -> None:
    pauses = Pauses(tmp_path, now=Clock())
    pauses.pause("a", NOW + 1)
    (mine,) = tmp_path.iterdir()
    name = mine.name.partition("-")[0]
    for odd in ("x", f"{name}-", f"{name}-x", f"{name}--1", f"{name}-{'9' * 40}", f"{name}-1.tmp"):
        (tmp_path / odd).touch()
    assert pauses.until("a") == NOW + 1


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_pause(tmp_path: Path) -> None:
    (tmp_path / "pauses").write_text("in the way")
    pauses = Pauses(tmp_path / "pauses", now=Clock())
    pauses.pause("a", NOW + 1)
    assert pauses.until("a") == 0
