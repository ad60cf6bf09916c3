"""What a long test found, said at the end of the whole session; and an end to what takes too long."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

NAME = "figure"  # of a recorded property


def told(reporter: pytest.TerminalReporter) -> Iterator[str]:
    """A line for each figure that a test recorded, in the order in which they came."""
    for reports in reporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == NAME and getattr(report, "when", "") == "call":
                    yield f"{report.nodeid}: {value}"


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise TimeoutError where the block takes longer than so many real seconds."""

    def late(_number: int, _frame: object) -> None:
        raise TimeoutError(f"took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
