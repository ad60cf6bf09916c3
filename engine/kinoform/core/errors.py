"""What can be wrong, as values: a place, a stable code, a sentence, a fix.

Knows no terminal and no exit: the command line turns `KinoformError.exit` into a status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file that a person wrote. Lines and columns count from 1."""

    file: str
    line: int
    col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation: where, which rule (`code`, a row of `core.codes`), what was seen, the fix.

    `path` names the field in dotted form (`steps.clip.with.duration`), as the user wrote it.
    """

    code: str
    message: str
    where: Where | None = None
    hint: str = ""
    path: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        fix = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.severity}[{self.code}]: {self.message}{fix}"


class KinoformError(Exception):
    """Base of every error that a user may see; carries all problems found, in file order."""

    exit: ClassVar[int] = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[KinoformError], tuple[tuple[Problem, ...]]]:
        """Pickled whole: an error crosses from a worker to the run."""
        return type(self), (self.problems,)


class UsageError(KinoformError):
    """The command was given words that it cannot use."""

    exit = 2


class SpecError(KinoformError):
    """The pipeline, a model file or a request is invalid; nothing was sent."""

    exit = 3


class SpendError(KinoformError):
    """Spending is not confirmed or above a ceiling, or what was bought is lost."""

    exit = 4


class MovedError(KinoformError):
    """Something moved since a plan was made: it is not carried out."""

    exit = 6


class EnvError(KinoformError):
    """A provider, the network, the disk or a tool (ffmpeg) failed."""

    exit = 5


class WaitError(KinoformError):
    """What was begun goes on elsewhere, or must be begun again: nothing failed, and nothing is lost."""

    exit = 5


class OpError(KinoformError):
    """A local operation could not do its work on these inputs."""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by file and position, each said once; those without a place come last."""
    return tuple(sorted(dict.fromkeys(problems), key=_place))


def _place(problem: Problem) -> tuple[bool, str, int, int]:
    at = problem.where or Where("", 0, 0)
    return (problem.where is None, at.file, at.line, at.col)
