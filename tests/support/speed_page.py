"""The table of `make bench`: as text, as JSON, and in its place in docs/explanation/speed.md."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from races import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

HEAD = ("row", "what", "kinoform", "beside it", "ratio", "goal", "met")
BEGIN, END = "<!-- table: written by `make bench` -->", "<!-- end of the table -->"


def merged(before: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """What was measured, with the newest of each kind; in the order of the rows' names."""
    found = {(row.row, row.what, row.peer): row for row in (*before, *rows)}
    return sorted(found.values(), key=lambda row: row.row)


def read(path: Path) -> list[Row]:
    """The rows that were written before."""
    if not path.exists():
        return []
    names = [field.name for field in fields(Row)]
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return [Row(**{name: row[name] for name in names}) for row in rows]


def document(rows: Sequence[Row]) -> Mapping[str, object]:
    """The rows with what they were taken on."""
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    entries = [asdict(row) | {"ratio": round(row.ratio, 2), "met": row.met} for row in rows]
    return {"machine": machine, "rows": entries}


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    sign = "≥" if row.at_least else "≤"
    goal = "" if row.goal is None else f"{sign} {row.goal:.3g}"
    met = {None: "", True: "yes", False: "no"}[row.met]
    theirs = f"{row.theirs:.3g} {row.unit} ({row.peer})"
    return row.row, row.what, f"{row.ours:.3g} {row.unit}", theirs, f"{row.ratio:.2f}", goal, met


def markdown(rows: Iterable[Row]) -> str:
    """The table as it stands in the page."""
    lines = [HEAD, ("---",) * len(HEAD), *map(cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def put(page: str, rows: Iterable[Row]) -> str:
    """The page with the table in its place."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{markdown(rows)}\n\n{END}{tail}"
