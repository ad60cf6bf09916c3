"""Ten thousand random edits: what is recalled is what doing it all would say. `make torture`."""

from __future__ import annotations

import gc
import random
from typing import TYPE_CHECKING, Any

from desk import at_home
from figures import NAME, limited
from recalled import Edited

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EDITS, WARM = 10_000, 50


def test_ten_thousand_edits(tmp_path: Path, record_property: Callable[[str, Any], None]) -> None:
    (tmp_path / "config.yaml").touch()
    edited = Edited(tmp_path / "film", tmp_path / "home", random.Random(1))
    with limited(5400), at_home(tmp_path / "home", tmp_path / "config.yaml"):
        edited.begin()
        for number in range(EDITS):
            edited.turn()
            if number == WARM:
                gc.freeze()  # each turn looks for garbage, and the libraries are none
    found = f"{EDITS:,} edits, {edited.recalled} answers recalled, {len(edited.differ)} differ"
    record_property(NAME, found)
    assert edited.differ == []
    assert edited.recalled > EDITS / 50
