"""A run that is killed, and a run that is interrupted: what was made stays, the rest is made next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BOARD = """\
kinoform: 1
name: board
shots: {a: {does: a lamp}, b: {does: a boat at dawn}, c: {does: a close hand}}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "{{ shot.does }}", size: "1K 1:1"}
  small:
    uses: local/resize
    foreach: shots
    with: {image: "${{ out.still }}", size: 320x320}
  sheet:
    uses: local/contact-sheet
    with: {images: "${{ out.small.all }}", width: 640}
"""


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """A project that takes a few seconds to draft."""
    (tmp_path / "film").mkdir()
    (tmp_path / "film/pipeline.yaml").write_text(BOARD)
    return tmp_path / "film"


def _start(board: Path) -> subprocess.Popen[str]:
    home = board.parent / "home"
    return subprocess.Popen(
        [sys.executable, "-m", "kinoform", "run", str(board), "--draft", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KINOFORM_HOME": str(home), "HOME": str(board.parent)},
    )


def _run(board: Path) -> dict[str, Any]:
    ran = _start(board)
    out, err = ran.communicate(timeout=120)
    assert ran.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def _store(board: Path) -> list[Path]:
    return [p for p in (board.parent / "home/store/objects").rglob("*") if p.is_file()]


def _wait_for(board: Path, objects: int) -> None:
    for _ in range(2000):
        if len(_store(board)) >= objects:
            return
        time.sleep(0.01)


@pytest.mark.parametrize("objects", [0, 1, 3, 5])
def test_after_a_kill_everything_ends_whole(board: Path, objects: int) -> None:
    process = _start(board)
    _wait_for(board, objects)
    process.kill()
    process.communicate()
    found = _run(board)
    assert found["counts"]["done"] + found["counts"]["reused"] == 7
    assert not list((board / "out").rglob(".*"))
    for path in _store(board):
        assert sha256(path.read_bytes()).hexdigest() == f"{path.parent.name}{path.name}"
    assert _run(board)["counts"]["done"] == 0
