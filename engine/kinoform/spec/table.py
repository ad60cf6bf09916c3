"""Reads a CSV file into rows that know their line; every cell is typed by the table of scalars."""

from __future__ import annotations

import csv
import io
from dataclasses import field
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem
from kinoform.spec.names import FIELDS
from kinoform.spec.scalars import cells
from kinoform.spec.syntax import bad_bytes
from kinoform.spec.tree import Row, Source, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CELLS = 1_000_000
MAX_FAULTS = 200


@dataclass(slots=True)
class Table:
    """The columns and rows of one file, and what is wrong with it."""

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_table(source: Source, text_columns: frozenset[str]) -> Table:
    """All rows; cells of `text_columns` stay text. Faults are in the table, none is raised."""
    table = Table()
    bad = bad_bytes(source)
    if bad:
        table.problems.append(bad)
        return table
    lines = _numbered(source, table)
    number, header = next(lines, (1, []))
    table.columns = _columns(source, number, header, table)
    if not table.columns:
        return table
    numbers, rows = _even(source, lines, table)
    columns = [
        [text or None for text in column] if name in text_columns else cells(column)
        for name, column in zip(table.columns, zip(*rows, strict=True), strict=False)
    ]
    starts = source.starts()
    table.rows = [
        Row(source, starts[number - 1], zip(table.columns, values, strict=True))
        for number, values in zip(numbers, zip(*columns, strict=True), strict=True)
    ]
    return table


def _even(
    source: Source, lines: Iterator[tuple[int, list[str]]], table: Table
) -> tuple[list[int], list[list[str]]]:
    """The lines that have a cell for each column, by number; faults are in the table."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    width = len(table.columns)
    most = MAX_CELLS // width
    for number, found in lines:
        if len(table.problems) > MAX_FAULTS:
            break
        if len(rows) > most:
            table.problems.append(_too_many(source, number))
            break
        if len(found) == width:
            numbers.append(number)
            rows.append(found)
            continue
        table.problems.append(_ragged(source, number, len(found), width))
    return numbers, rows


def _numbered(source: Source, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(source.data.decode(), newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            if cells:
                yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        hint = 'a cell that holds a comma, a quote or a line break is put in "..."; "" is a quote'
        where = source.place(source.starts()[min(number, len(source.starts())) - 1])
        table.problems.append(Problem("bad-csv", f"this row is no CSV: {error}", where, hint))


def _columns(source: Source, number: int, header: list[str], table: Table) -> tuple[str, ...]:
    where = source.place(source.starts()[number - 1])
    if not header:
        hint = "the first line names the columns"
        table.problems.append(Problem("bad-csv", "this file is empty", where, hint))
    for index, name in enumerate(header):
        fault, hint = _column_fault(name, header[:index])
        if fault:
            table.problems.append(Problem("bad-column", fault, where, hint))
    sound = not any(problem.code == "bad-column" for problem in table.problems)
    return tuple(header) if sound else ()


def _column_fault(name: str, earlier: list[str]) -> tuple[str, str]:
    if not name.strip():
        return f"column {len(earlier) + 1} has no name", "name it, or remove it"
    if name != name.strip():
        return f"the column {shown(name)} has blanks around its name", "remove them"
    if name in earlier:
        return f"the column {shown(name)} is there twice", "rename one of them"
    if name in FIELDS:
        return f"`{name}` is what every item has by itself", "call the column something else"
    if ";" in name or "\t" in name:
        return f"the column {shown(name)} looks like several", "columns are separated by commas"
    return "", ""


def _too_many(source: Source, number: int) -> Problem:
    where = source.place(source.starts()[number - 1])
    message = f"a file has at most {MAX_CELLS:,} cells"
    return Problem("file-too-large", message, where, "split it")


def _ragged(source: Source, number: int, seen: int, wanted: int) -> Problem:
    message = f"this row has {seen} cells, the first line has {wanted}"
    hint = 'put a text that holds a comma in "..."; an empty cell still needs its comma'
    return Problem("ragged-row", message, source.place(source.starts()[number - 1]), hint)
