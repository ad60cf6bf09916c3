"""Records and picks of steps that the pipeline does not have: of what was renamed, or taken out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING

from kinoform.api import lockbook, pickbook
from kinoform.core import lock
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, Where
from kinoform.core.manifest import recipe_of
from kinoform.core.words import short
from kinoform.stores.looks import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.spec.document import Document


@dataclass(frozen=True, slots=True)
class Orphan:
    """Records of a step or item that the pipeline does not have, in `file`.

    `now` is the step that has their request today: what it was renamed to. Empty where none has.
    """

    step: str
    now: str = ""
    file: str = field(default="", compare=False)

    @property
    def line(self) -> str:
        """The line of `moved` that says what became of it."""
        return f"- {{from: {short(self.step)}, to: {short(self.now) or 'NEW'}}}"

    def problem(self) -> Problem:
        """What a person may do about it."""
        said = f"{short(self.step)} is not in the pipeline"
        hint = f"if it was renamed, add to moved: {self.line}"
        return Problem("lock-orphan", said, Where(self.file, 1, 1), hint, severity="warning")


def orphans(project: Project, plan: Callable[[], Planned | None]) -> list[Orphan]:
    """What lies in the project for steps that it does not have, by id.

    Looks at names of files only; `plan` is asked for, and their lines are read, where there is such
    a file. None for a plan: nobody can say what it was renamed to.
    """
    there = _there(project.document)
    now = project.moves.now
    lost = {step: path for step, path in _files(project) if not there(now(step))}
    planned = plan() if lost else None
    if planned is not None:  # a frame of a chain that somebody kept is there, though not declared
        lost = {step: path for step, path in lost.items() if now(step) not in planned.graph.index}
    known = _requests(planned) if planned else {}
    root = project.root
    return [
        Orphan(step, next((known[r] for r in _named(step, path) if r in known), ""), file)
        for step, path in sorted(lost.items())
        for file in [path.relative_to(root).as_posix()]
    ]


def _files(project: Project) -> Iterator[tuple[str, Path]]:
    """The step that a file of picks/ or of the lock is for; that of the lock counts, coming last."""
    for folder in (pickbook.FOLDER, f"{lockbook.FOLDER}/steps"):
        for path in listed(project.root / folder, "[!.]*/[!.]*"):
            item = "" if path.name == "_" else f"@{path.name}"
            yield f"{path.parent.name}{item}", path


def _requests(planned: Planned) -> dict[str, str]:
    """What the steps of today ask for, by key and by recipe: the id of the first that does."""
    survey, steps = planned.survey, planned.graph.steps
    found: dict[str, str] = {}
    for node, key in survey.keys.items():
        name = steps[node[0]].id
        found.setdefault(key, name)
        if node[1] == 1 and not steps[node[0]].hidden:
            found.setdefault(recipe_of(survey.manifests[node]), name)
    return found


def _named(step: str, path: Path) -> Iterator[str]:
    """Keys and recipes in a file; nothing for what cannot be read."""
    with suppress(OSError, ValueError):
        text = path.read_text(encoding="utf-8")
        if path.parent.parent.name == pickbook.FOLDER:
            pick, _ = pickbook.read(step, text)
            yield pick.recipe if pick else ""
        else:
            for line in text.splitlines():
                yield from lock.recipe(line)


def _there(document: Document) -> Callable[[str], bool]:
    """Whether a step id is known: declared, with items that were left out."""
    cast = (document.shots, document.characters, document.styles)
    homes = {home.name: set(home.order) for home in (*cast, *document.data.values())}

    def there(step: str) -> bool:
        name, _, item = step.partition("@")
        loops = list(document.steps[name].foreach.values()) if name in document.steps else None
        parts = item.split(".") if item else []
        if loops is None or len(parts) != len(loops):
            return False
        return all(part in homes[home] for part, home in zip(parts, loops, strict=True))

    return there
