"""The one assertion of the suites, as a function: it holds under `python -O` too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.errors import KinoformError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.core.errors import Problem


def check(holds: object, said: str) -> None:
    """Raise AssertionError with the sentence `said` unless `holds` is true."""
    if not holds:
        raise AssertionError(said)


def same(found: object, wanted: object) -> None:
    """Raise AssertionError unless both are equal."""
    check(found == wanted, f"found {found!r}, wanted {wanted!r}")


def refuses(work: Callable[[], object], error: type[Exception]) -> None:
    """Raise AssertionError unless `work` raises `error`."""
    try:
        work()
    except error:
        return
    raise AssertionError(f"{error.__name__} was not raised")


def refusal(work: Callable[[], object]) -> Problem:
    """The one problem that `work` raises. AssertionError if it raises none, or several."""
    try:
        work()
    except KinoformError as error:
        same(len(error.problems), 1)
        return error.problems[0]
    raise AssertionError("nothing was refused")
