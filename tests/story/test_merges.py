"""Two branches of a film merge with git: records conflict only where both changed the same shot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branches import played

if TYPE_CHECKING:
    from pathlib import Path

HISTORIES = 15


def test_two_branches_merge_and_buy_nothing_again(tmp_path: Path) -> None:
    figures, faults = played(tmp_path, range(HISTORIES))
    assert faults == []
    assert figures["histories"] == HISTORIES
