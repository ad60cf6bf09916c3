"""The command line in this process, as one user of an emulated provider; what it said, and its accounts."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hurried import hurried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crash_course import Course


@dataclass(frozen=True, slots=True)
class Said:
    """Exit status and both outputs of one command."""

    status: int
    out: str
    err: str


@contextmanager
def living_in(environ: Mapping[str, str]) -> Iterator[None]:
    """This environment, and no other, for as long as the block runs."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def said(course: Course, *words: str) -> Said:
    """Run a command as the course's user; by default, its film."""
    out, err = io.StringIO(), io.StringIO()
    with living_in(course.environ), redirect_stdout(out), redirect_stderr(err):
        status = hurried(list(words or course.words))
    return Said(status, out.getvalue(), err.getvalue())
