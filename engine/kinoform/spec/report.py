"""Gathers what is wrong while a document is evaluated, each fault at its own place.

A template that a thousand shots share breaks a thousand times: each place says the first few.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, in_order

if TYPE_CHECKING:
    from kinoform.core.errors import Severity, Where
    from kinoform.spec.speech import TemplateFault

_EACH = 3


class Report:
    """Problems so far."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._said: Counter[tuple[str, Where | None]] = Counter()
        self.errors = 0

    def add(self, problem: Problem) -> None:
        """Note one problem."""
        self.errors += problem.severity == "error"
        spot = (problem.code, problem.where)
        self._said[spot] += 1
        if self._said[spot] <= _EACH:
            self._problems.append(problem)

    def fault(self, fault: TemplateFault, where: Where, path: str, who: str = "") -> None:
        """Note a template that failed for `who`."""
        said = f"{who}: {fault.message}" if who else fault.message
        self.add(Problem(fault.code, said, where, fault.hint, path))

    def all(self, severity: Severity) -> tuple[Problem, ...]:
        """The problems of one severity in file order; the last of a crowd says how many more."""
        kept = [self._counted(p) for p in self._problems if p.severity == severity]
        return in_order(kept)

    def _counted(self, problem: Problem) -> Problem:
        spot = (problem.code, problem.where)
        more = self._said[spot] - _EACH
        last = [p for p in self._problems if (p.code, p.where) == spot][-1]
        if more <= 0 or problem is not last:
            return problem
        return replace(problem, message=f"{problem.message} (and {more} more like this)")
