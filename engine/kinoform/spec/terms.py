"""What a compilation is told besides its document: how far to go, and what reads the files."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from kinoform.core.classes import dataclass
from kinoform.spec.fan import MAX_INSTANCES
from kinoform.spec.judge import judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Blob, Data, Expect, File, Url
    from kinoform.spec.verdicts import Judge


class Inputs(Protocol):
    """Reads what a request names inside the project."""

    def blob(self, source: File | Url | Data) -> Blob | None:
        """Its bytes; None for an address that is not pinned. Raises OSError, ValueError."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How many instances there may be, which candidate an alias stands for, who judges requests.

    An alias that `choices` does not name stands for its first candidate. Unless `short`, each
    request goes the long way, as if it were the only one. `made` is what others read of a step in
    place of what its request promises: a file that was adopted.
    """

    limit: int = MAX_INSTANCES
    choices: Mapping[str, str] = field(default_factory=dict)
    judge: Judge = judge
    short: bool = True
    made: Mapping[str, Expect] = field(default_factory=dict)
