"""The picks of one project: what people chose, one line a file, in git beside the pipeline.

Picks for drafts lie in the user's home: a draft decides nothing for the others.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kinoform.core import picks
from kinoform.core.errors import EnvError, Problem, SpecError, Where
from kinoform.core.moves import Moves
from kinoform.core.words import short
from kinoform.stores.looks import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kinoform.core.types import Pick

FOLDER: Final = "picks"


class PickBook:
    """The picks below one folder, by the ids of today."""

    def __init__(self, root: Path, moves: Moves | None = None) -> None:
        self._root, self._moves = root, moves or Moves()

    @cached_property
    def all(self) -> dict[str, Pick]:
        """Every pick by step id. Raises SpecError with every file that holds none."""
        found, wrong = {}, []
        for path in listed(self._root / FOLDER, "*/*"):
            if path.name.startswith(".") or not path.is_file():
                continue
            step = _step(path)
            try:
                found[step] = picks.read(step, path.read_text(encoding="utf-8"))
            except (ValueError, OSError) as error:
                wrong.append(self._damaged(path, short(str(error))))
        if wrong:
            raise SpecError(wrong)
        renamed = self._moves.renamed(found)
        return {step: replace(pick, step=step) for step, pick in renamed.items()}

    def write(self, pick: Pick) -> None:
        """Record a choice. Raises EnvError."""
        path = self._place(pick.step)
        self._guard(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.new")
            beside.write_text(picks.line(pick) + "\n", encoding="utf-8", newline="\n")
            beside.replace(path)
        except OSError as error:
            raise _refused(self._name(path), error) from error
        self._let_go(self._moves.before(pick.step))

    def remove(self, step: str) -> bool:
        """Take a choice back; False when there was none. Raises EnvError."""
        return self._let_go([step, *self._moves.before(step)])

    def _let_go(self, steps: Iterable[str]) -> bool:
        """Remove what stands under these ids; whether there was anything."""
        there = [path for step in steps if (path := self._place(step)).is_file()]
        for path in there:
            self._guard(path)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _refused(self._name(path), error) from error
        return bool(there)

    def _place(self, step: str) -> Path:
        return self._root / FOLDER / picks.place(step)

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _guard(self, path: Path) -> None:
        if any(part.is_symlink() for part in self._upward(path)):
            said = f"{self._name(path)} leads through a link"
            raise EnvError(Problem("pick-not-written", said))

    def _upward(self, path: Path) -> Iterator[Path]:
        while path != self._root:
            yield path
            path = path.parent

    def _damaged(self, path: Path, said: str) -> Problem:
        hint = "take it from git again, or delete it and pick anew"
        return Problem("pick-damaged", f"no pick: {said}", Where(self._name(path), 1, 1), hint)


def _step(path: Path) -> str:
    return path.parent.name if path.name == "_" else f"{path.parent.name}@{path.name}"


def _refused(name: str, error: OSError) -> EnvError:
    said = f"{name} cannot be written: {error.strerror or error}"
    return EnvError(Problem("pick-not-written", said))
