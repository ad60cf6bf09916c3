"""The schema of one project for its editor, from whatever state its files are in.

Opens no store and needs no home: an editor asks before anything was made.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kinoform.api.models import catalog, pipeline_schema
from kinoform.api.setting import located
from kinoform.api.starter import SCHEMA
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem, SpecError
from kinoform.spec.editor import editor_schema
from kinoform.spec.salvage import names

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.spec.catalog import Catalog

MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class EditorSchema:
    """The schema, where the pipeline's modeline looks for it, and what was not right meanwhile."""

    schema: dict[str, Any]
    home: Path
    problems: tuple[Problem, ...]

    @property
    def text(self) -> str:
        """The file: JSON, one line per value, as a person would diff it."""
        return json.dumps(self.schema, indent=1, ensure_ascii=False) + "\n"


class _Folder:
    """Files below one folder; what leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def bytes(self, path: str) -> bytes:
        """Raises OSError, ValueError."""
        full = (self._root / path).resolve()
        if not full.is_relative_to(self._root):
            raise ValueError(f"{path} leads out of the project")
        with full.open("rb") as file:
            return file.read(MAX_BYTES + 1)

    def glob(self, pattern: str) -> list[str]:
        """Files that match, relative to the folder."""
        found = (path for path in self._root.glob(pattern) if path.is_file())
        return [path.relative_to(self._root).as_posix() for path in found]


def project_schema(path: Path) -> EditorSchema:
    """The schema of the project at a pipeline file or folder.

    Raises UsageError where there is no pipeline, SpecError for one that is no YAML.
    """
    root, spec = located(path)
    found = names(_Folder(root), spec)
    models, wrong = _catalog(root)
    made = editor_schema(found, models, pipeline_schema(), whole=not wrong)
    return EditorSchema(made, root / SCHEMA, (*found.problems, *wrong))


def _catalog(root: Path) -> tuple[Catalog, tuple[Problem, ...]]:
    """The catalog; without the project's own models while one of them is broken."""
    try:
        return catalog(root), ()
    except (SpecError, EnvError) as error:
        return catalog(), error.problems


def save(text: str, path: Path) -> None:
    """Write it, replacing what stands there. Raises EnvError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        said = f"{path}: {error.strerror}"
        raise EnvError(Problem("folder-not-written", said)) from error
