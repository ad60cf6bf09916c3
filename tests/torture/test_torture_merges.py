"""Five hundred random histories of two branches, merged with git. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branches import played, words
from figures import NAME, limited

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HISTORIES = 500


def test_five_hundred_histories_merge_and_buy_nothing_again(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    with limited(3_600):
        figures, faults = played(tmp_path, range(1_000, 1_000 + HISTORIES))
    record_property(NAME, f"{words(figures)}, faults {len(faults)}")
    assert faults == []
    assert figures["histories"] == HISTORIES
    # Histories without a conflict, or without a purchase, would prove little.
    assert figures["conflicts in kinoform.lock"] > HISTORIES // 50
