"""What an import tells a person: what was read, what was dropped, what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from kinoform.spec.pages.page import Note


@dataclass(frozen=True, slots=True)
class Report:
    """One compiled page. `document` is the model file; the rest is for people."""

    document: dict[str, Any]
    parameters: int
    dropped: tuple[Note, ...]
    unknown: tuple[str, ...]
    decide: tuple[str, ...]

    @property
    def id(self) -> str:
        """The full id of the model."""
        return str(self.document["id"])

    def row(self) -> dict[str, Any]:
        """As plain data."""
        rules = self.document["rules"]
        return {
            "model": self.id,
            "title": self.document["title"],
            "parameters": self.parameters,
            "sizes": len(self.document.get("sizes", ())),
            "examples": len(self.document["examples"]),
            "rules": [{"id": rule["id"], "says": rule.get("says", "")} for rule in rules],
            "dropped": [note.row() for note in self.dropped],
            "unknown": list(self.unknown),
            "decide": list(self.decide),
        }
