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
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, Self

from kinoform.cli.show import safe
from kinoform.core.money import dollars
from kinoform.core.words import short
from kinoform.views.words import lasted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rich.console import RenderableType
    from rich.live import Live

    from kinoform.cli.show import Show
    from kinoform.core.types import Event
    from kinoform.views.fields import Fields

_WAITS = {"held": "waits", "awaits": "waits"}
_ENDS = {
    "result": "done",
    "reused": "reused",
    "failed": "failed",
    "blocked": "blocked",
    "lost": "lost",
}
_CALM = ("started", "intent", "ack", "sample", "result")  # after these a line may be held back
_BLINK = 0.05  # seconds that are not worth saying
_SOON = 0.05  # seconds that a line may be held back
_SHOWN = 6  # running steps at once


class Tally:
    """What the events so far add up to; steps in `hidden` are at work, but are not counted.

    `running` says since when a step is at work or waits, and `waiting` for what, if it does.
    """

    def __init__(self, total: int, hidden: Collection[str] = ()) -> None:
        self.total, self.done, self.paid = total, 0, Decimal(0)
        self.running: dict[tuple[str, int], float] = {}
        self.waiting: dict[tuple[str, int], str] = {}
        self._hidden = hidden

    def hear(self, event: Event) -> None:
        """Count one event."""
        who = (event.step, event.take)
        self.waiting.pop(who, None)
        if event.kind in _WAITS:
            self.running.setdefault(who, event.at)
            self.waiting[who] = _why(event)
        elif event.kind == "started":
            self.running[who] = event.at
        elif event.kind in _ENDS or (event.kind == "waiting" and who in self.running):
            self.running.pop(who, None)
            self.done = min(self.done + (event.step not in self._hidden), self.total)
            self.paid += Decimal(str(event.data.get("paid") or "0"))


def line(event: Event, tally: Tally) -> str:
    """`12:03:04 done still@s010  1.2 s  [3/42]`; empty for what is not worth a line."""
    word = _ENDS.get(event.kind) or _WAITS.get(event.kind)
    if word is None:
        return ""
    clock = _clock(event.at)
    take = f"#{event.take}" if event.take > 1 else ""
    seconds = float(event.data.get("seconds") or 0)
    took = f"  {lasted(seconds)}" if seconds >= _BLINK else ""
    why = _why(event)
    said = f"  {why}" if why else ""
    count = f"  [{tally.done}/{tally.total}]" if tally.total else ""
    return f"{clock} {word} {event.step}{take}{took}{count}{said}"


def _why(event: Event) -> str:
    """What an event says for itself, and till when that holds."""
    told, until = event.data.get("why"), event.data.get("until")
    said = short("; ".join(each.removeprefix(f"{event.step}: ") for each in told)) if told else ""
    return f"till {_clock(until)}: {said}" if until else said


def _clock(at: float) -> str:
    return _time_of_day(int(at))


@lru_cache(maxsize=8)
def _time_of_day(second: int) -> str:
    """Thousands of lines may tell of one second."""
    return time.strftime("%H:%M:%S", time.localtime(second))


class Watcher(Protocol):
    """What a run talks to while it works."""

    def hear(self, event: Event) -> None:
        """Take in one event."""

    def rest(self) -> None:
        """Show what was heard, as the run waits."""

    def say(self, text: str) -> None:
        """Show a line of talk without tearing the display."""


@contextmanager
def watched(show: Show, tally: Tally, events: str) -> Iterator[Watcher]:
    """What to tell events to, while a run works; `events` is "jsonl" for data, or empty."""
    if events:
        yield _Data(show)
    elif show.live and tally.total:
        with _Board(show, tally) as board:
            yield board
    else:
        lines = _Lines(show, tally)
        try:
            yield lines
        finally:
            lines.rest()


class _Data:
    """Each event as a line of JSON on standard output."""

    def __init__(self, show: Show) -> None:
        self._show = show

    def hear(self, event: Event) -> None:
        self._show.out.write(json.dumps(_row(event), sort_keys=True, default=str) + "\n")
        self._show.out.flush()

    def rest(self) -> None:
        """Nothing is held back."""

    def say(self, text: str) -> None:
        self._show.say(text)


class _Lines:
    """Each end as a line on standard error; what is done, many at a time, once the run waits."""

    def __init__(self, show: Show, tally: Tally) -> None:
        self._show, self._tally = show, tally
        self._held: list[str] = []
        self._since = 0.0

    def hear(self, event: Event) -> None:
        self._tally.hear(event)
        if said := line(event, self._tally):
            self._since = self._since if self._held else event.at
            self._held.append(said)
        if self._held and (event.kind not in _CALM or event.at - self._since > _SOON):
            self.rest()

    def rest(self) -> None:
        if self._held:
            self._show.says(self._held)
            self._held = []

    def say(self, text: str) -> None:
        self.rest()
        self._show.says([text])


FIELDS: Fields = {
    "at": "number: seconds since the epoch",
    "run": "string: id of the run",
    "project": "string: its folder, with #draft for a draft",
    "kind": "string: what happened, such as begun, started, intent, result, failed, ended",
    "step": "string: id of the instance; empty for what concerns the run",
    "take": "integer: from 1, within one recipe; 0 without a step",
    "key": "string: sha256 of the manifest; may be empty",
    "data": "map: what belongs to this kind, such as why, paid, seconds",
}


def _row(event: Event) -> dict[str, Any]:
    row = asdict(event)
    row.pop("seq")  # given by the ledger, later
    return row


class _Board:
    """A bar and the steps at work, redrawn a few times a second and wiped at the end."""

    def __init__(self, show: Show, tally: Tally) -> None:
        from rich.console import Console  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)
        from rich.live import Live  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)

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
        self._tally.hear(event)
        if event.kind in ("failed", "lost"):
            self.say(f"{event.kind} {event.step}")

    def rest(self) -> None:
        """It is drawn by the clock."""

    def say(self, text: str) -> None:
        """A line above the bar."""
        from rich.text import Text  # noqa: PLC0415  (loaded already with the display)

        self._live.console.print(Text(safe(text)))

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
            Text(safe(f"  {who[0]}  {lasted(max(now - since, 0))}  {tally.waiting.get(who, '')}"),
                 style="dim", no_wrap=True, overflow="ellipsis")
            for who, since in running[:_SHOWN]
        ]  # fmt: skip
        if len(running) > _SHOWN:
            rows.append(Text(f"  and {len(running) - _SHOWN} more", style="dim"))
        return Group(head, *rows)
