"""Hosted tasks told by hand: events of one attempt after another, as a driver would write them."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kinoform.core.ledger import to_record
from kinoform.core.tasks import Task, fold_tasks
from kinoform.core.types import Blob, Event, Facts, Result

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = 1_795_780_800.0  # 2026-11-27 12:00:00 UTC
FILM = "/films/lamp"


class Work:
    """Events in order; every `begin` is a new attempt, `then` moves it on by ten seconds each."""

    def __init__(self, *, at: float = NOON, project: str = FILM, run: str = "run-1") -> None:
        self.events: list[Event] = []
        self.at, self.project, self.run = at, project, run

    def begin(self, step: str, price: str = "0.56", **data: Any) -> str:
        """An intent; its id."""
        intent = str(data.pop("intent", "")) or digest(f"{step}{len(self.events)}")[:16]
        said = {
            "intent": intent,
            "provider": "wavespeed",
            "model": "wavespeed/kwaivgi/kling-video-o3-pro",
            "epoch": 0,
            "reserve": price,
        }
        self._add("intent", step, digest(step + intent), said | data)
        return intent

    def then(self, intent: str, *kinds: str, **data: Any) -> str:
        """Events of that attempt, in order; `data` goes with the last one."""
        begun = next(e for e in self.events if e.data.get("intent") == intent)
        for number, kind in enumerate(kinds, 1):
            own = data if number == len(kinds) else {}
            ack = {"task": f"task-{intent[:4]}"} if kind == "ack" else {}
            self._add(kind, begun.step, begun.key, {"intent": intent} | ack | own)
        return intent

    def bought(self, step: str, price: str = "0.56", **data: Any) -> str:
        """The whole way to a result; its intent."""
        intent = self.then(self.begin(step, price, **data), "ack", "sample")
        begun = next(e for e in self.events if e.data.get("intent") == intent)
        result = record(begun.key, step, price)
        self._add("result", step, begun.key, {"intent": intent} | result)
        return intent

    def old(self, step: str, price: str, **changes: Any) -> None:
        """A result as versions before tasks wrote it."""
        key = digest(f"old{step}")
        self._add("result", step, key, record(key, step, price) | changes)

    def _add(self, kind: str, step: str, key: str, data: dict[str, Any]) -> None:
        event = Event(self.at, self.run, self.project, kind, step, 1, key, data)
        self.events.append(event)
        self.at += 10

    def tasks(self) -> tuple[Task, ...]:
        """What it comes to."""
        return tuple(fold_tasks(self.events).values())


def digest(text: str) -> str:
    """64 hex digits."""
    return sha256(text.encode()).hexdigest()


def record(key: str, step: str, price: str) -> dict[str, Any]:
    """A hosted result as it is written down."""
    blob = Blob(f"sha256:{digest(step)}", 10, "video/mp4", Facts(16, 9))
    made = Result(key, step, 1, "runware/klingai:kling-video@o3-pro", "hosted", (blob,), {})
    return {**to_record(made), "paid": price}


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Their exact sum."""
    return sum(amounts, Decimal(0))
