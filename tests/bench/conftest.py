"""What every bench shares: rows are gathered, printed as one table, and kept with the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import speed_page
from races import ROW, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest
    from races import Row

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[2] / "docs/explanation/speed.md"


def _rows(reporter: pytest.TerminalReporter) -> Iterator[Row]:
    for report in (each for reports in reporter.stats.values() for each in reports):
        if getattr(report, "when", "") == "call":
            yield from (row_of(told) for name, told in report.user_properties if name == ROW)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the table down, and print the rows of this session."""
    rows = list(_rows(terminalreporter))
    if not rows:
        return
    kept = speed_page.merged(speed_page.read(RESULTS), rows)
    RESULTS.write_text(json.dumps(speed_page.document(kept), indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(speed_page.put(page, kept), encoding="utf-8")
    for line in (speed_page.HEAD, *map(speed_page.cells, rows)):
        terminalreporter.write_line("  ".join(line))
