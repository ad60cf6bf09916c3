"""Looking the whole ledger through for damage: what opening it does only after an unclean end."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from kinoform.stores import ledger_file

if TYPE_CHECKING:
    from pathlib import Path

_MOST: Final = 5


def damage(path: Path) -> tuple[str, ...]:
    """What is wrong with the file, in SQLite's words; none for a whole one. Raises EnvError."""
    with ledger_file.faults(path), closing(ledger_file.connect(path, read_only=True)) as db:
        rows = db.execute(f"PRAGMA integrity_check({_MOST})").fetchall()
    return tuple(text[:200] for (text,) in rows if text != "ok")
