"""The report of an import as lines for people. Pure; knows the report as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.words import short
from kinoform.views.fields import VERSIONED
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.views.fields import Fields

VERSION = 1
_WIDE = 110
FIELDS: Fields = {
    **VERSIONED,
    "model": "string: the full model id",
    "title": "string: its name for people",
    "parameters": "integer: how many were read",
    "sizes": "integer: how many were read",
    "examples": "integer: how many requests the page shows",
    "rules": "list: what a schema cannot say, as read",
    "rules[].id": "string: of the rule, in the model file",
    "rules[].says": "string: the sentence of the page; may be empty",
    "dropped": "list: sentences that are not followed",
    "dropped[].says": "string: the sentence",
    "dropped[].why": "string: the reason",
    "dropped[].breaks?": "string: the example of the page that it would refuse",
    "unknown": "list of string: sentences that were not understood",
    "decide": "list of string: what a person must still decide",
}


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
