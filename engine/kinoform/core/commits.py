"""A commit as people know it. Pure."""

from __future__ import annotations

from kinoform.core.classes import dataclass

SHOWN = 7  # digits of a commit's id that people are shown


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of git; `day` is that of its author, as YYYY-MM-DD."""

    id: str
    day: str
    author: str
    subject: str

    def __str__(self) -> str:
        return f"{self.id[:SHOWN]} ({self.day}, {self.author}: {self.subject})"
