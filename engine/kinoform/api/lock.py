"""`kinoform.lock/`: small text records in git, one for each thing that was decided by buying it.

So far only which model an alias with several candidates stands for. A record is one JSON object on
one line, so that two branches conflict only when they decided about the same alias.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kinoform.core.canon import dumps
from kinoform.core.errors import EnvError, Problem, SpecError
from kinoform.stores.looks import looked
from kinoform.stores.scratch import replace_text

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "kinoform.lock/models"


def chosen(root: Path, aliases: tuple[str, ...]) -> dict[str, str]:
    """Alias to model id, as recorded. Raises SpecError for a record that is none."""
    records = {alias: root / FOLDER / alias for alias in aliases}
    for path in records.values():
        looked(path)
    return {alias: _model(path) for alias, path in records.items() if path.is_file()}


def _model(path: Path) -> str:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["model"]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str):
        said = f"{FOLDER}/{path.name} is no record of a model"
        hint = (
            "take it from git again, or delete it and say: "
            f"kinoform models choose {path.name} MODEL"
        )
        raise SpecError(Problem("lock-damaged", said, hint=hint))
    return found


def record(root: Path, alias: str, model: str) -> Path:
    """Record that an alias stands for a model. Raises EnvError."""
    path = root / FOLDER / alias
    text = dumps({"alias": alias, "model": model})
    if any(part.is_symlink() for part in (root / "kinoform.lock", root / FOLDER, path)):
        raise EnvError(Problem("lock-not-written", f"{FOLDER}/{alias} leads through a link"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, f"{text}\n")
    except OSError as error:
        said = f"{FOLDER}/{alias} cannot be written: {error}"
        raise EnvError(Problem("lock-not-written", said)) from error
    return path
