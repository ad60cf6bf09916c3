"""A project folder in memory, and short ways to load one or to collect what is wrong with it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from textwrap import dedent
from typing import TYPE_CHECKING

from published import SCHEMA

from kinoform.core.errors import SpecError
from kinoform.spec.document import Document, load
from kinoform.spec.source import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.core.errors import Problem

NO_VARIABLES: Mapping[str, str] = {}


class Folder:
    """Implements Reader over texts and bytes; remembers what was asked for."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {n: b if isinstance(b, bytes) else b.encode() for n, b in files.items()}
        self.asked: list[str] = []

    def bytes(self, path: str) -> bytes:
        self.asked.append(path)
        if path not in self._files:
            raise FileNotFoundError(path)
        return self._files[path]

    def glob(self, pattern: str) -> list[str]:
        return [name for name in reversed(list(self._files)) if fnmatchcase(name, pattern)]


def document(
    text: str | bytes,
    files: Mapping[str, str | bytes] | None = None,
    *,
    profile: str = "",
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Document:
    """The document of this pipeline, given without its first line `kinoform: 1`."""
    whole = text if isinstance(text, bytes) else "kinoform: 1\n" + dedent(text)
    folder = Folder({"pipeline.yaml": whole, **(files or {})})
    return load(folder, "pipeline.yaml", schema=SCHEMA, profile=profile, variables=variables)


def found(call: Callable[[], object]) -> tuple[Problem, ...]:
    """The problems of a call; none if it succeeds."""
    try:
        call()
    except SpecError as error:
        return error.problems
    return ()


def faults(call: Callable[[], object]) -> tuple[Problem, ...]:
    """The problems of a call that must fail."""
    problems = found(call)
    assert problems, "nothing was refused"
    return problems


def refused(data: str | bytes, *, pure: bool = False) -> list[tuple[str, str]]:
    """(code, line:column) of everything wrong with a YAML text."""
    raw = data if isinstance(data, bytes) else data.encode()
    problems = faults(lambda: read("f.yaml", raw, pure=pure))
    return [(p.code, f"{p.where.line}:{p.where.col}" if p.where else "") for p in problems]


def spots(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    """(code, file:line:column) of problems."""
    return [(p.code, str(p.where or "")) for p in problems]
