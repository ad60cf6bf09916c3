"""Ten thousand random edits: what is recalled is what doing it all would say. `make torture`."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

from figures import NAME, limited
from recalled import Edited

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EDITS = 10_000


def test_ten_thousand_edits(tmp_path: Path, record_property: Callable[[str, Any], None]) -> None:
    (tmp_path / "config.yaml").touch()
    before = {name: os.environ[name] for name in ("KINOFORM_HOME", "KINOFORM_CONFIG")}
    os.environ["KINOFORM_HOME"] = str(tmp_path / "home")
    os.environ["KINOFORM_CONFIG"] = str(tmp_path / "config.yaml")
    edited = Edited(tmp_path / "film", tmp_path / "home", random.Random(1))
    edited.begin()
    try:
        with limited(5400):
            for _ in range(EDITS):
                edited.turn()
    finally:
        os.environ.update(before)
    found = f"{EDITS:,} edits, {edited.recalled} answers recalled, {len(edited.differ)} differ"
    record_property(NAME, found)
    assert edited.differ == []
    assert edited.recalled > EDITS / 50
