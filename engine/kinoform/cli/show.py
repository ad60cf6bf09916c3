"""The one place that prints: problems and talk to stderr; rows, lines and documents to stdout.

Knows terminals, colour and JSON; knows nothing of pipelines. Text that came from a file, a
provider or a command line is shown with its control characters escaped.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import field
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal, TextIO

from kinoform.core.classes import dataclass
from kinoform.core.errors import in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kinoform.core.errors import Problem
    from kinoform.views.fields import Fields

# C0, DEL and C1 steer a terminal; the rest reorder what a reader sees or break a line.
_UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_LATIN = 0x100  # below it two hex digits say it
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PAINT = {"error": "1;31", "warning": "1;33", "hint": "36"}


def safe(text: str) -> str:
    r"""The text on one line, with control and bidirectional characters spelled out (`\x1b`)."""
    return text if text.isprintable() else re.sub(_UNSAFE, _escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < _LATIN else f"\\u{code:04x}")


@dataclass(frozen=True, slots=True)
class Show:
    """Where output goes and how it may look; `json` means one document instead of rows."""

    out: TextIO
    err: TextIO
    environ: Mapping[str, str] = field(default_factory=dict)
    json: bool = False

    @classmethod
    def standard(cls, environ: Mapping[str, str], *, json: bool) -> Show:
        """The process's own streams, made unable to fail on a character they cannot write."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return cls(sys.stdout, sys.stderr, environ, json)

    @property
    def live(self) -> bool:
        """Whether a display may redraw itself: a terminal on stderr, and no CI."""
        ci = self.environ.get("CI", "").lower() not in {"", "0", "false"}
        return self.err.isatty() and not ci and self.environ.get("TERM") != "dumb"

    def colored(self, stream: TextIO) -> bool:
        """NO_COLOR, then FORCE_COLOR, then whether the stream is a capable terminal."""
        if self.environ.get("NO_COLOR"):
            return False
        if self.environ.get("FORCE_COLOR"):
            return True
        return stream.isatty() and self.environ.get("TERM") != "dumb"

    def say(self, text: str) -> None:
        """One line of talk, to stderr."""
        self.err.write(safe(text) + "\n")

    def says(self, texts: Iterable[str]) -> None:
        """Lines of talk in one write, seen at once."""
        self.err.write("".join(f"{safe(text)}\n" for text in texts))
        self.err.flush()

    def line(self, text: str) -> None:
        """One line of data, to stdout."""
        self.out.write(safe(text) + "\n")

    def lines(self, text: str) -> None:
        """A text of ours that is data as a whole (a drawing, a script), to stdout."""
        for line in text.rstrip("\n").split("\n"):
            self.line(line)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Each as `file:line:col: error[code]: message` and an indented hint, to stderr."""
        paint = _painter(on=self.colored(self.err))
        for problem in in_order(problems):
            self.err.writelines(f"{line}\n" for line in _spoken(problem, paint))

    def fail(self, problems: Iterable[Problem]) -> None:
        """The end of a command that could not do its work; with `json`, a document as well."""
        found = in_order(problems)
        if self.json:
            self.document({"version": 1, "problems": [problem_row(p) for p in found]})
        self.problems(found)

    def document(self, data: Mapping[str, Any]) -> None:
        """One JSON document with sorted keys, ASCII only; Decimal becomes plain decimal text."""
        import json  # noqa: PLC0415  (`--help` prints no document)

        indent = 2 if self.out.isatty() else None
        written = json.dumps(data, sort_keys=True, allow_nan=False, default=_plain, indent=indent)
        self.out.write(written + "\n")

    def rows(
        self, head: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[str] = ()
    ) -> None:
        """A table with the columns of `head`; those named in `right` are aligned right.

        On a terminal long cells fold between words. No word is broken, as it may be an id to copy:
        where the terminal is too narrow for that, each row is a few lines.
        """
        cells = [[safe(cell) for cell in row] for row in rows]
        if self.out.isatty():
            self._rich(head, cells, right)
        else:
            self.out.writelines(f"{line}\n" for line in _aligned(head, cells, right))

    def _rich(self, head: Sequence[str], rows: list[list[str]], right: Collection[str]) -> None:
        from rich.console import Console  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)
        from rich.table import Table  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)
        from rich.text import Text  # noqa: PLC0415  (rich costs 90 ms, which no piped output should pay)

        console = Console(file=self.out, no_color=not self.colored(self.out), highlight=False)
        least = [max(map(_longest_word, column)) for column in zip(head, *rows, strict=True)]
        if sum(least) + 2 * (len(least) - 1) > console.width:
            self.out.writelines(f"{line}\n" for line in _stacked(head, rows))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, width in zip(head, least, strict=True):
            side: Literal["left", "right"] = "right" if name in right else "left"
            table.add_column(Text(name), justify=side, min_width=width)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)


PROBLEM: Fields = {
    "code": "string: the rule, one of the [error codes](errors.md)",
    "severity": "string: error or warning",
    "message": "string: what is wrong, or what to know",
    "hint": "string: what to do; empty where nothing can be advised",
    "path": "string: the field or file that is meant; empty for none",
    "where": "map or null: the place in a file",
    "where.file": "string: as it was named",
    "where.line": "integer: from 1",
    "where.col": "integer: from 1",
}


PROBLEMS: Fields = {
    "problems": "list of problem: what is wrong and what to know, in the order of files and lines"
}


def problem_row(problem: Problem) -> dict[str, Any]:
    """A problem as JSON: code, severity, message, hint, path, where (null without a place)."""
    where = problem.where
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "path": problem.path,
        "where": where and {"file": where.file, "line": where.line, "col": where.col},
    }


def _spoken(problem: Problem, paint: Any) -> Iterator[str]:
    place = safe(f"{problem.where or problem.path}")
    kind = paint(f"{problem.severity}[{problem.code}]", problem.severity)
    yield (
        f"{place}: {kind}: {safe(problem.message)}" if place else f"{kind}: {safe(problem.message)}"
    )
    if problem.hint:
        yield f"  {paint('hint', 'hint')}: {safe(problem.hint)}"


def _painter(*, on: bool) -> Any:
    return lambda text, role: f"\x1b[{_PAINT[role]}m{text}\x1b[0m" if on else text


def _plain(value: object) -> str:
    from decimal import Decimal  # noqa: PLC0415  (`--help` tells of no money)

    from kinoform.core.money import text as amount  # noqa: PLC0415  (`--help` tells of no money)

    if isinstance(value, Decimal):
        return amount(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


def _width(text: str) -> int:
    if text.isascii():  # as nearly all are, and `safe` leaves nothing in them that has no width
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _aligned(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str]
) -> Iterator[str]:
    columns = zip(head, *rows, strict=True)
    padded = (_padded(column, left=column[0] in right) for column in columns)
    return (line.rstrip() for line in map("  ".join, zip(*padded, strict=True)))


def _padded(column: Sequence[str], *, left: bool) -> Iterable[str]:
    """The cells of a column, all as wide as the widest."""
    if "".join(column).isascii():  # as most are; each is as wide as it is long
        return map(str.rjust if left else str.ljust, column, repeat(max(map(len, column))))
    width = max(map(_width, column))
    return [_pad(cell, width, left=left) for cell in column]


def _longest_word(cell: str) -> int:
    return max(map(_width, cell.split()), default=0)


def _stacked(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as lines: what it begins with, and below that the rest by name."""
    widest = max(map(_width, head[1:]), default=0)
    for first, *rest in rows:
        yield first
        for name, cell in zip(head[1:], rest, strict=True):
            if cell:
                yield f"  {_pad(name, widest, left=False)}  {cell}"


def _pad(text: str, width: int, *, left: bool) -> str:
    size = len(text) + width - _width(text)
    return text.rjust(size) if left else text.ljust(size)
