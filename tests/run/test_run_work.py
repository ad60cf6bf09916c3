"""Whatever an operation meets, people get a sentence and no traceback."""

from __future__ import annotations

from errno import ENOSPC
from typing import TYPE_CHECKING

import pytest

from kinoform.core.errors import EnvError, OpError
from kinoform.core.types import Action, Op
from kinoform.run.work import Job, perform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.ports import Made

ACTION = Action("0" * 64, "note", 1, Op("local/text", 1, "local", "inline"), {}, {}, (), {})


def full(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """An op on a full disk."""
    del action, files, out
    raise OSError(ENOSPC, "No space left on device")


def wrong(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """An op with a fault of its own."""
    raise ValueError(f"{action.step} {len(files)} {out.name}")


def test_a_full_disk_is_no_fault_of_the_op(tmp_path: Path) -> None:
    with pytest.raises(EnvError, match="local/text was refused by the system: No space left"):
        perform(Job(f"{__name__}:full", ACTION, {}, tmp_path))


def test_an_unforeseen_fault_is_said_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(OpError, match="ValueError: note 0"):
        perform(Job(f"{__name__}:wrong", ACTION, {}, tmp_path))
