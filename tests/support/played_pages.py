"""Console blocks of a page, played in order: each command is typed, and must print what the page shows.

A line `…` stands for any lines. Clocks, lengths of time and digests are other ones each time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY: Final = "…"
_VARIES: Final = (
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "CLOCK"),
    (re.compile(r"\b\d+ min \d\d s\b|\b\d+(\.\d)? s\b"), "SECONDS"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "DIGEST"),
    (re.compile(r" {2,}"), "  "),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """One command as the page shows it, with the lines that it should print."""

    line: str
    shows: tuple[str, ...]


def typed(page: Path) -> Iterator[Typed]:
    """Every command of a page, in order."""
    for block in _BLOCK.findall(page.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shows = part.splitlines()
            yield Typed(line, tuple(shows))


def play(page: Path, folder: Path, home: Path) -> tuple[int, list[str]]:
    """Type everything in a folder, in a shell, with a home of its own: how many, and what differs."""
    program, commands = Path(sys.executable).parent, list(typed(page))
    environ = os.environ | {
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
        "KINOFORM_HOME": str(home),
        "PYTHONUNBUFFERED": "1",  # so that both streams meet in the order of writing
    }
    faults = []
    for each in commands:
        done = subprocess.run(
            ["/bin/sh", "-c", each.line], cwd=folder, env=environ, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        told = done.stdout.splitlines()
        if not agrees(each.shows, told):
            faults.append(f"$ {each.line}\n" + "\n".join(told[-20:]))
    return len(commands), faults


def agrees(shown: Sequence[str], told: Sequence[str]) -> bool:
    """Whether what was printed is what is shown, with any lines for `…`; nothing shown says nothing."""
    parts = [re.escape(plain(line)) + "\n" if line != _ANY else "(.*\n)*?" for line in shown]
    return not shown or bool(re.fullmatch("".join(parts), "".join(f"{plain(x)}\n" for x in told)))


def plain(line: str) -> str:
    """A line without what is another one each time."""
    for pattern, name in _VARIES:
        line = pattern.sub(name, line)
    return line.rstrip()
