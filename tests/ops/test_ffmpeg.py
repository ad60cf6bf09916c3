"""Finding the program, running it on a leash, and saying in one line how it failed."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from kinoform.core.errors import OpError
from kinoform.ops import ffmpeg


def test_the_program_found_is_absolute_and_knows_its_version() -> None:
    tool = ffmpeg.find()
    assert Path(tool.path).is_absolute()
    assert str(tool).startswith("ffmpeg ")


def test_a_configured_program_that_is_none_is_named() -> None:
    with pytest.raises(OpError, match=r"KINOFORM_FFMPEG is no program: \./here"):
        ffmpeg._find("./here", "")


def test_a_configured_program_that_is_another_one_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "other"
    program.write_text("#!/bin/sh\necho something else\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(OpError, match="is no ffmpeg: it says something else"):
        ffmpeg._find(str(program), "")


def test_the_working_directory_on_path_is_never_searched(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    where = os.pathsep.join(["", ".", os.path.relpath(tmp_path)])
    assert [path for path in ffmpeg._on_path(where) if path.exists()] == []
    assert list(ffmpeg._on_path(str(tmp_path))) == [program]


def test_a_failure_says_what_ffmpeg_said_in_one_line() -> None:
    with pytest.raises(OpError, match="ffmpeg ended with") as caught:
        ffmpeg.run(["-f", "mov", "-i", "file:/nonexistent", "-f", "null", "-"], timeout=10)
    assert "\n" not in caught.value.problems[0].message


def test_what_takes_too_long_is_stopped() -> None:
    began = time.monotonic()
    with pytest.raises(OpError, match=r"stopped after 0\.3 s"):
        ffmpeg.run(["-re", "-f", "lavfi", "-i", "nullsrc=d=60", "-f", "null", "-"], timeout=0.3)
    assert time.monotonic() - began < 30


def test_frames_are_fed_and_output_comes_back() -> None:
    argv = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-s",
        "2x2",
        "-i",
        "pipe:0",
        "-f",
        "rawvideo",
        "-",
    ]
    said, _ = ffmpeg.run(argv, timeout=20, stdin=(bytes([n] * 4) for n in range(3)))
    assert said == bytes([0] * 4 + [1] * 4 + [2] * 4)


def test_an_early_end_is_reported_not_a_broken_pipe() -> None:
    argv = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "2x2", "-i", "pipe:0", "-f", "none", "-"]
    with pytest.raises(OpError, match="ffmpeg ended with"):
        ffmpeg.run(argv, timeout=20, stdin=(bytes(4096) for _ in range(4096)))
