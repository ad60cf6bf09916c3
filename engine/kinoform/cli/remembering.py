"""A command carried out and its answer kept, for the next time that the same is asked.

Knows what may be remembered: commands that only look, and a run that found nothing to do.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kinoform.cli.exits import Exit
from kinoform.cli.main import run
from kinoform.stores import answers
from kinoform.stores.looks import Looks, heard, keep, looked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def remembered(words: Sequence[str]) -> int:
    """Carry one command out, and keep what it answered if that can be told; the exit status."""
    looks = Looks(answers.home_folder(os.environ))
    chunks: list[tuple[str, str]] = []
    with _copied(chunks), heard(looks):
        for word in words[1:]:
            if not os.path.lexists(word):  # the name of a step, until there is a file of that name
                looked(word)
        status = run(words)
    if status in (Exit.DONE, Exit.WORK):
        keep(words, os.environ, (status, _joined(chunks)), looks)
    return status


class _Copy:
    """A text stream that also notes what is written to it."""

    def __init__(self, stream: Any, name: str, chunks: list[tuple[str, str]]) -> None:
        self._stream, self._name, self._chunks = stream, name, chunks

    def write(self, text: str) -> int:
        written = int(self._stream.write(text))
        self._chunks.append((self._name, text))
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _copied(chunks: list[tuple[str, str]]) -> Iterator[None]:
    own = sys.stdout, sys.stderr
    copies: tuple[Any, Any] = _Copy(own[0], "o", chunks), _Copy(own[1], "e", chunks)
    sys.stdout, sys.stderr = copies
    try:
        yield
    finally:
        sys.stdout, sys.stderr = own


def _joined(chunks: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours on one stream as one."""
    found: list[tuple[str, list[str]]] = []
    for stream, text in chunks:
        if not found or found[-1][0] != stream:
            found.append((stream, []))
        found[-1][1].append(text)
    return [(stream, "".join(texts)) for stream, texts in found]
