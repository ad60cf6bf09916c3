"""What a person sees while a run works: a calm display on a terminal, else one line per event.

Hears events and knows nothing else of the run; nothing here goes to standard output but events
that were asked for as data.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from kinoform.cli.show import safe
from kinoform.core.money import dollars
from kinoform.core.words import short
from kinoform.views.words import lasted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType
    from rich.live import Live

    from kinoform.cli.show import Show
    from kinoform.core.types import Event

    Hear = Callable[[Event], None]

_ENDS = {"result": "done", "failed": "failed", "blocked": "blocked", "lost": "lost"}
_BLINK = 0.05  # seconds that are not worth saying
_SHOWN = 6  # running steps at once


class Tally:
    """What the events so far add up to."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.paid = total, 0, Decimal(0)
        self.running: dict[tuple[str, int], float] = {}

    def hear(self, event: Event) -> None:
        """Count one event."""
        who = (event.step, event.take)
        if event.kind == "started":
            self.running[who] = event.at
        elif event.kind in (*_ENDS, "waiting"):
            self.running.pop(who, None)
            self.done = min(self.done + 1, self.total)
            self.paid += Decimal(str(event.data.get("paid") or "0"))


def line(event: Event, tally: Tally) -> str:
    """`12:03:04 done still@s010  1.2 s  [3/42]`; empty for what is not worth a line."""
    word = _ENDS.get(event.kind)
    if word is None:
        return ""
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    take = f"#{event.take}" if event.take > 1 else ""
    seconds = float(event.data.get("seconds") or 0)
    took = f"  {lasted(seconds)}" if seconds >= _BLINK else ""
    why = "; ".join(said.removeprefix(f"{event.step}: ") for said in event.data.get("why") or ())
    said = f"  {short(why)}" if why else ""
    return f"{clock} {word} {event.step}{take}{took}  [{tally.done}/{tally.total}]{said}"


@contextmanager
def watched(show: Show, total: int, events: str) -> Iterator[Hear]:
    """What to tell events to, while a run works; `events` is "jsonl" for data, or empty."""
    tally = Tally(total)
    if events:
        yield lambda event: _datum(show, event)
    elif show.live and total:
        with _Board(show, tally) as board:
            yield board.hear
    else:
        yield lambda event: _lines(show, tally, event)


def _datum(show: Show, event: Event) -> None:
    show.out.write(json.dumps(_row(event), sort_keys=True, default=str) + "\n")
    show.out.flush()


def _row(event: Event) -> dict[str, Any]:
    row = asdict(event)
    row.pop("seq")  # given by the ledger, later
    return row


def _lines(show: Show, tally: Tally, event: Event) -> None:
    tally.hear(event)
    if said := line(event, tally):
        show.say(said)
        show.err.flush()


class _Board:
    """A bar and the steps at work, redrawn a few times a second and wiped at the end."""

    def __init__(self, show: Show, tally: Tally) -> None:
        # Imported here: rich costs 90 ms that no piped run should pay.
        from rich.console import Console  # noqa: PLC0415  (see above)
        from rich.live import Live  # noqa: PLC0415  (see above)

        self._tally, self._began = tally, time.time()
        console = Console(file=show.err, no_color=not show.colored(show.err), highlight=False)
        self._live: Live = Live(
            console=console, get_renderable=self._drawn, refresh_per_second=5, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def hear(self, event: Event) -> None:
        """Count it; say at once what went wrong."""
        from rich.text import Text  # noqa: PLC0415  (loaded already with the display)

        self._tally.hear(event)
        if event.kind in ("failed", "lost"):
            self._live.console.print(Text(safe(f"{event.kind} {event.step}")))

    def _drawn(self) -> RenderableType:
        from rich.console import Group  # noqa: PLC0415  (loaded already with the display)
        from rich.progress_bar import ProgressBar  # noqa: PLC0415  (loaded already)
        from rich.table import Table  # noqa: PLC0415  (loaded already)
        from rich.text import Text  # noqa: PLC0415  (loaded already)

        tally, now = self._tally, time.time()
        bar = ProgressBar(total=max(tally.total, 1), completed=tally.done, width=28)
        head = Table.grid(padding=(0, 1))
        spent = f"  {dollars(tally.paid)}" if tally.paid else ""
        count = f"{tally.done}/{tally.total}  {lasted(now - self._began)}{spent}"
        head.add_row(bar, Text(count))
        running = list(tally.running.items())
        rows = [
            Text(safe(f"  {step}  {lasted(max(now - since, 0))}"), style="dim", no_wrap=True,
                 overflow="ellipsis")
            for (step, _), since in running[:_SHOWN]
        ]  # fmt: skip
        if len(running) > _SHOWN:
            rows.append(Text(f"  and {len(running) - _SHOWN} more", style="dim"))
        return Group(head, *rows)
