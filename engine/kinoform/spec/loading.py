"""Opens the files of one pipeline, and collects what is wrong with them.

`Loading` is handed to each part of `document` that reads a block. The only place in `spec` that opens
files of a project, through the reader that it is given; it keeps the digest of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kinoform.core.canon import digest_of
from kinoform.core.errors import Problem, SpecError, Where
from kinoform.spec.paths import path_fault, tidy
from kinoform.spec.source import check_size, read_source
from kinoform.spec.tree import Source, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PROBLEMS = 1_000
_LARGE = 32 * 1024  # bytes, that take longer to parse than it does to learn how entries are written
_REMARKS = {
    "boolean-word": ("{word} is text here; older YAML tools read it as true or false",
                     "write true or false, or put the word in quotes"),
    "unused-anchor": ("`&{name}` names this text, and nothing uses the name",
                      "if the & belongs to the text, put the whole text in quotes"),
}  # fmt: skip


class Reader(Protocol):
    """The project folder. Paths are relative to it, with slashes, and never leave it.

    Who implements it sees to symbolic links, and may refuse files above a size with OSError.
    """

    def bytes(self, path: str) -> bytes:
        """The content of a file. Raises FileNotFoundError, other OSError, ValueError (outside)."""

    def glob(self, pattern: str) -> list[str]:
        """The files that a pattern with `*`, `?` or `**` names."""


class Loading:
    """Problems and warnings so far, and the digest of every file that was read, by its path."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.reads: dict[str, str] = {}

    def add(
        self, code: str, message: str, where: Where | None, hint: str = "", path: str = ""
    ) -> None:
        """One more fault. Raises SpecError when more would help nobody."""
        self.extend([Problem(code, message, where, hint, path)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """More faults."""
        self.problems.extend(problems)
        if len(self.problems) > MAX_PROBLEMS:
            message = f"more than {MAX_PROBLEMS:,} faults; the first ones are shown"
            last = Problem("too-many-faults", message, None, "begin with the first")
            raise SpecError([*self.problems[:MAX_PROBLEMS], last])

    def open(self, path: str, asked: Where | None) -> Source | None:
        """The file at `path`, named at `asked`; None after its faults were noted."""
        fault = path_fault(path)
        if fault:
            self.add("bad-path", f"the path {shown(path)} {fault}", asked)
            return None
        try:
            data = self.reader.bytes(tidy(path))
        except FileNotFoundError:
            self.add("no-such-file", f"there is no file {shown(path)}", asked)
            return None
        except OSError as error:
            said = error.strerror or type(error).__name__
            self.add("unreadable-file", f"{shown(path)} cannot be read: {said}", asked)
            return None
        except ValueError:
            message = f"the path {shown(path)} is a link to itself or out of the project"
            self.add("bad-path", message, asked, "copy the file into the project")
            return None
        self.reads[tidy(path)] = digest_of(data)
        return Source(tidy(path), data)

    def sized(self, path: str, asked: Where | None) -> Source | None:
        """The same, with the limits of text files checked."""
        source = self.open(path, asked)
        try:
            if source:
                check_size(source)
        except SpecError as error:
            self.extend(error.problems)
            return None
        return source

    def tree(self, path: str, asked: Where | None) -> tuple[Source, Any] | None:
        """The source and the tree of a YAML file; None after its faults were noted."""
        source = self.sized(path, asked)
        if source is None:
            return None
        try:
            tree = _tree(source)
        except SpecError as error:
            self.extend(error.problems)
            return None
        self.warnings.extend(_remark(source, *note) for note in source.notes)
        return source, tree

    def glob(self, pattern: str, asked: Where | None) -> list[str]:
        """The files that a pattern names, by name; none after its fault was noted."""
        fault = path_fault(pattern)
        if fault:
            self.add("bad-path", f"the path {shown(pattern)} {fault}", asked)
            return []
        paths = sorted(self.reader.glob(tidy(pattern)))
        if not paths:
            self.add("no-such-file", f"no file matches {shown(pattern)}", asked)
        return paths


def _remark(source: Source, offset: int, code: str, word: str) -> Problem:
    message, hint = _REMARKS[code]
    text = message.format(word=shown(word), name=shown(word)[1:-1])
    return Problem(code, text, source.place(offset), hint, severity="warning")


def _tree(source: Source) -> Any:
    if len(source.data) < _LARGE:
        return read_source(source)
    from kinoform.spec.alike import read_alike  # noqa: PLC0415  (its patterns take 10 ms to compile)

    return read_alike(source)
