"""Picks as lines of text: what a person chose for one instance, kept in git. Pure.

One line a file, so that two branches conflict on one readable line, and only when they chose for
the same shot.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, cast

from kinoform.core.types import Bytes, Derived, Pick

if TYPE_CHECKING:
    from kinoform.core.types import Identity

_LINE: Final = (
    r"(?:(?P<kind>pin|adopt) )?(?P<digest>sha256:[0-9a-f]{64})"
    r"(?: of (?P<recipe>[0-9a-f]{64}) take (?P<take>[1-9][0-9]{0,5})| made by (?P<made>[0-9a-f]{64}))?"
    r" \| (?P<by>[^|]*) \| (?P<at>[^|]*)(?: \| (?P<why>.*))?"
)
_LONGEST: Final = 2000


def place(step: str) -> str:
    """The file of a step id below `picks/`: `clip/s020`, `reel/_`."""
    name, _, item = step.partition("@")
    return f"{name}/{item or '_'}"


def line(pick: Pick) -> str:
    """The pick as its file holds it, without the end of the line."""
    kind = "" if pick.kind == "pick" else f"{pick.kind} "
    of = f" of {pick.recipe} take {pick.take}" if pick.recipe else ""
    of = f" made by {pick.made}" if pick.made else of
    said = [f"{kind}{pick.digest}{of}", plain(pick.by), plain(pick.at), plain(pick.why)]
    return " | ".join(said[: 4 if pick.why else 3])


def plain(text: str) -> str:
    """On one line, without the bar that parts the fields, and without what steers a terminal."""
    line = " ".join(text.replace("|", "/").split())
    return "".join(char for char in line if char.isprintable())


def read(step: str, text: str) -> Pick:
    """The pick that a file holds. Raises ValueError saying what is wrong."""
    lines = [each for each in text.splitlines() if each.strip()]
    if len(lines) != 1 or len(lines[0]) > _LONGEST:
        raise ValueError("a pick is one line")
    found = re.fullmatch(_LINE, lines[0].strip())
    if found is None:
        raise ValueError("a pick reads: sha256:DIGEST of RECIPE take N | WHO | DATE | WHY")
    kind = cast("Literal['pick', 'pin', 'adopt']", found["kind"] or "pick")
    if (kind == "adopt") == bool(found["recipe"]) or (found["made"] and kind != "adopt"):
        raise ValueError("a pick names recipe and take; what was adopted has neither")
    return Pick(
        step=step,
        digest=found["digest"],
        recipe=found["recipe"] or "",
        take=int(found["take"] or 0),
        by=found["by"].strip(),
        at=found["at"].strip(),
        why=(found["why"] or "").strip(),
        kind=kind,
        made=found["made"] or "",
    )


def identity(pick: Pick, index: int = 0) -> Identity:
    """What the chosen bytes are to those who read them: what a local step made stays derived."""
    return Derived(pick.made, index) if pick.made else Bytes(pick.digest)
