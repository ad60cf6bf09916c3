"""What a person sees while bytes are copied or read: a bar on a terminal, else nothing.

Hears numbers of bytes, and knows nothing of whose they are.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from kinoform.cli.show import Show


class Meter(Protocol):
    """Where numbers of bytes go."""

    def total(self, size: int) -> None:
        """So many there will be."""

    def add(self, size: int) -> None:
        """So many more were done."""


@contextmanager
def metered(show: Show, said: str) -> Iterator[Meter]:
    """A meter with this word before it; it is gone when the work ends."""
    if not show.live:
        yield _Silent()
        return
    from rich.console import Console  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)
    from rich.progress import (  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TransferSpeedColumn,
    )

    console = Console(file=show.err, no_color=not show.colored(show.err), highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(28), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as bar:
        yield _Bar(bar, bar.add_task(said, total=None))


class _Silent:
    def total(self, size: int) -> None:
        """Pass it over."""

    def add(self, size: int) -> None:
        """Pass it over."""


class _Bar:
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task

    def total(self, size: int) -> None:
        """The length of the bar."""
        self._bar.update(self._task, total=size)

    def add(self, size: int) -> None:
        """Let it grow."""
        self._bar.advance(self._task, size)
