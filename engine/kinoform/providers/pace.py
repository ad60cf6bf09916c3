"""How long to wait before the next look or try: what the provider asks for, else a growing pause.

Pure: the same numbers for the same task, spread over tasks so that they do not come all at once.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Cursor, Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.ports import Reply

LONGEST: Final = 120.0  # seconds: more than this is not obeyed at once, whoever asks
_SHORTEST: Final = 1.0
_BACKOFF: Final = 60.0
_DOUBLINGS: Final = 6
_FIRST_LOOK: Final = 1.0
_LAST_LOOK: Final = 15.0
_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def date_of(text: str) -> float | None:
    """Seconds since the epoch of an HTTP date; None when it is none."""
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def skew(reply: Reply) -> float | None:
    """The provider's clock minus ours in seconds, as its `Date` tells; None when it does not."""
    date = date_of(reply.headers.get("date", ""))
    return None if date is None or not reply.at else date - reply.at


def asked_pause(reply: Reply) -> float | None:
    """The seconds of `Retry-After`, as seconds or as a date, kept between 1 and 120; else None."""
    text = reply.headers.get("retry-after", "").strip()
    seconds = float(text) if _SECONDS.fullmatch(text) else _until(date_of(text), reply)
    return None if seconds is None else min(max(seconds, _SHORTEST), LONGEST)


def _until(date: float | None, reply: Reply) -> float | None:
    """From the provider's now, where it tells it, else from ours."""
    if date is None:
        return None
    now = date_of(reply.headers.get("date", ""))
    return date - (reply.at if now is None else now)


def backoff(tries: int, salt: str) -> float:
    """Seconds before try number `tries` (from 1): doubling to a minute, spread by `salt`."""
    spread = sha256(f"{salt} {tries}".encode()).digest()[0] / 510
    return min(_BACKOFF, 2.0 ** min(max(tries, 0), _DOUBLINGS)) * (0.5 + spread)


def again(data: Mapping[str, Any], stage: str, reply: Reply | None = None, why: str = "") -> Wait:
    """Wait as asked, else for longer each time, and go on at `stage`.

    Counts `tries` and `spent` (seconds waited so) in the data.
    """
    tries = int(data.get("tries", 0)) + 1
    asked = asked_pause(reply) if reply else None
    pause = round(asked or backoff(tries, str(data.get("task", ""))), 3)
    spent = round(float(data.get("spent", 0)) + pause, 3)
    return Wait(pause, Cursor(stage, {**data, "tries": tries, "spent": spent}), why)


def look_again(data: Mapping[str, Any], stage: str) -> Wait:
    """Wait for work under way: a quarter of the time waited so far, 1 to 15 s, kept in `waited`."""
    waited = float(data.get("waited", 0))
    pause = round(min(_LAST_LOOK, max(_FIRST_LOOK, waited / 4)), 3)
    return Wait(pause, Cursor(stage, {**data, "tries": 0, "waited": round(waited + pause, 3)}))


def first_look(data: Mapping[str, Any]) -> bool:
    """Whether the task was accepted just now, so that a look is too early."""
    return not data.get("waited") and "age" not in data
