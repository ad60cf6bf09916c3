"""The report of an import as lines for people. Pure; knows the report as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.words import short
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VERSION = 1
_WIDE = 110


def lines(report: Mapping[str, Any]) -> Iterator[str]:
    """What was read, what was dropped, what is open."""
    counts = (
        many(report["parameters"], "parameter"), many(len(report["rules"]), "rule"),
        many(report["sizes"], "size"), many(report["examples"], "example"),
    )  # fmt: skip
    yield f"{report['model']}  {report['title']}"
    yield ", ".join(counts)
    rules = [f"{each['id']}: {short(each['says'], _WIDE)}".rstrip(": ") for each in report["rules"]]
    yield from _part("rules", rules)
    yield from _part("dropped", [_dropped(each) for each in report["dropped"]])
    yield from _part("not understood (kept as they stand)", report["unknown"])
    yield from _part("a person must still decide", report["decide"])


def _part(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield f"{title}:"
        yield from (f"  - {short(row, 2 * _WIDE)}" for row in rows)


def _dropped(note: Mapping[str, str]) -> str:
    broken = f" [{note['breaks']}]" if note.get("breaks") else ""
    return f"{short(note['says'], _WIDE)}: {note['why']}{broken}"
