"""The table of docs/explanation/speed.md is what the benches wrote down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import speed_page
from races import Row

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_holds_the_rows_that_were_measured(root: Path) -> None:
    rows = speed_page.read(root / "tests/bench/results.json")
    page = (root / "docs/explanation/speed.md").read_text(encoding="utf-8")
    assert rows
    assert speed_page.put(page, rows) == page


def test_a_row_is_kept_for_each_peer_and_replaced_by_a_newer_one() -> None:
    old = Row("d", "plan", 2.0, 1.0, "ninja", goal=3)
    new, other = Row("d", "plan", 4.0, 1.0, "ninja", goal=3), Row("d", "plan", 4.0, 8.0, "doit")
    assert speed_page.merged([old], [new, other]) == [new, other]
    assert (old.met, new.met, other.met) == (True, False, None)
