"""What was spent, as rows, as CSV and as one document. Pure."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from kinoform.core import costs
from kinoform.core.money import dollars, text
from kinoform.views.fields import VERSIONED, within
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.core.costs import Spent, Sums
    from kinoform.views.fields import Fields

VERSION = 1
_TOTAL = "total"
_NONE = {"shot": "(no shot)"}
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def head(by: str) -> tuple[str, ...]:
    """The columns of the table."""
    return (by, "tasks", *costs.MONEY)


def rows(spent: Sequence[Spent], by: str) -> Iterator[tuple[str, ...]]:
    """One for each group, and the sum where there are several; nothing where an amount is none."""
    groups = costs.grouped(spent, by)
    for name, sums in groups.items():
        yield _cells(name or _NONE.get(by, ""), sums)
    if len(groups) > 1:
        yield _cells(_TOTAL, costs.total(spent))


def _cells(name: str, sums: Sums) -> tuple[str, ...]:
    amounts = (getattr(sums, column) for column in costs.MONEY)
    return (name, f"{sums.tasks:,}", *(dollars(a) if a else "" for a in amounts))


def words(spent: Sequence[Spent]) -> Iterator[str]:
    """What came of it, in a line or two."""
    sums = costs.total(spent)
    bought = sum(each.sums.paid > 0 for each in spent)
    parts = [f"{dollars(sums.paid)} paid for {many(bought, 'task')}"]
    parts += [f"{dollars(sums.reserved)} held for what is under way"] if sums.reserved else []
    parts += (
        [f"{many(sums.refusals, 'task')} refused, free as far as the provider said"]
        if sums.refusals
        else []
    )
    yield ", ".join(parts)
    if sums.assumed:
        yield f"{dollars(sums.assumed)} of that is the worst case: no provider said what was taken"
    lost = [f"{dollars(amount)} {cause}" for cause, amount in costs.wasted(spent).items()]
    if lost:
        yield f"paid for nothing: {', '.join(lost)}"


def table(spent: Sequence[Spent], by: str) -> str:
    """CSV with a head and no sum; amounts are plain decimals in USD."""
    sheet = StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(head(by))
    for name, sums in costs.grouped(spent, by).items():
        amounts = (text(getattr(sums, column)) for column in costs.MONEY)
        writer.writerow((_plain(name), sums.tasks, *amounts))
    return sheet.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


_SUMS: Fields = {
    "tasks": "integer: attempts at a purchase",
    "refusals": "integer: attempts that were turned down",
    "estimate": "money: what was expected",
    "reserved": "money: held for what is under way",
    "paid": "money: as providers told it",
    "assumed": "money: what of that no provider confirmed, at its worst",
    "refused": "money: estimate of what was turned down and cost nothing",
    "wasted": "money: paid for nothing",
}
FIELDS: Fields = {
    **VERSIONED,
    "project": "string or null: its folder; null for all of a user's",
    "since": "string or null: the first day that counts",
    "by": "string: what a row stands for",
    "currency": "string: USD",
    "rows": "list: one for each",
    "rows[].name": "string: which step, shot, model, day, run, cause or project",
    **within("rows[]", _SUMS),
    "total": "map: the sum of the rows",
    **within("total", _SUMS),
    "wasted": "map: what was paid for nothing, by cause",
    "wasted.NAME": "money: for this cause",
}


def document(spent: Sequence[Spent], by: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """As `FIELDS` says; `said` is what was asked for: `project` and `since`."""
    groups = costs.grouped(spent, by)
    return {
        **said,
        "version": VERSION,
        "by": by,
        "currency": "USD",
        "rows": [{"name": name, **_entry(sums)} for name, sums in groups.items()],
        "total": _entry(costs.total(spent)),
        "wasted": {cause: text(amount) for cause, amount in costs.wasted(spent).items()},
    }


def _entry(sums: Sums) -> dict[str, Any]:
    amounts = {column: text(getattr(sums, column)) for column in costs.MONEY}
    return {"tasks": sums.tasks, "refusals": sums.refusals, **amounts}
