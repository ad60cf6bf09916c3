"""What a model page says, as values: the same for every form of page and every provider.

Knows no markup and no model file. Text stands as on the page; nothing is judged yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from kinoform.spec.sizes import Row

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter: its dotted path without list marks, and the schema of its row.

    `paired` names a parameter that must stand beside it.
    """

    path: str
    schema: Schema
    required: bool = False
    paired: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One published request, and what the published answer says that it cost."""

    title: str
    request: dict[str, Any]
    cost: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """A table that narrows parameters by size: cells hold values as text, by column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One price: the words before it, the amount, and the words behind it (`/s`).

    `at` pairs parameters with values where a table of prices names them by column.
    """

    says: str
    usd: str
    unit: str = ""
    at: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A model page, read. `provider` and `name` make the id; `kind` is image or video.

    `sentences` are the statements about how parameters go together; `lists` are tables by size.
    `bodies` are requests that show only the form of a call; `notes` are things that the reading
    found wrong or lost.
    """

    provider: str
    name: str
    title: str
    url: str
    form: str
    kind: str
    fields: tuple[Field, ...]
    answer: tuple[Field, ...] = ()
    sentences: tuple[str, ...] = ()
    sizes: tuple[Row, ...] = ()
    lists: tuple[Choices, ...] = ()
    prices: tuple[PriceLine, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[Note, ...] = ()
    bodies: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence of the page that is not followed, why, and the example that it would refuse."""

    says: str
    why: str
    breaks: str = ""

    def row(self) -> dict[str, str]:
        """As model files write it."""
        plain = {"says": self.says, "why": self.why}
        return {**plain, "breaks": self.breaks} if self.breaks else plain
