"""The picks of one project: what people chose, one line a file, in git beside the pipeline.

Picks for drafts lie in the user's home: a draft decides nothing for the others.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kinoform.core import equates, picks
from kinoform.core.errors import EnvError, Problem, SpecError, Where
from kinoform.core.moves import Moves
from kinoform.core.words import short
from kinoform.stores.looks import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kinoform.core.equates import Equate
    from kinoform.core.types import Pick

FOLDER: Final = "picks"


class PickBook:
    """The picks below one folder, by the ids of today."""

    def __init__(self, root: Path, moves: Moves | None = None) -> None:
        self._root, self._moves = root, moves or Moves()

    @cached_property
    def all(self) -> dict[str, Pick]:
        """Every pick by step id. Raises SpecError with every line that holds none."""
        found = {step: pick for step, (pick, _) in self._files.items() if pick is not None}
        renamed = self._moves.renamed(found)
        return {step: replace(pick, step=step) for step, pick in renamed.items()}

    @property
    def equates(self) -> tuple[Equate, ...]:
        """Everything that somebody said counts as the same. Raises SpecError."""
        rows = (each for _, equates in self._files.values() for each in equates)
        return tuple(replace(each, step=self._moves.now(each.step)) for each in rows)

    @cached_property
    def _files(self) -> dict[str, tuple[Pick | None, list[Equate]]]:
        """What each file holds, by the id in its name."""
        found, wrong = {}, []
        for path in listed(self._root / FOLDER, "*/*"):
            if path.name.startswith(".") or not path.is_file():
                continue
            step = _step(path)
            try:
                found[step] = read(step, path.read_text(encoding="utf-8"))
            except (ValueError, OSError) as error:
                wrong.append(self._damaged(path, short(str(error))))
        if wrong:
            raise SpecError(wrong)
        return found

    def write(self, pick: Pick) -> None:
        """Record a choice. Raises EnvError, SpecError."""
        self._store(pick.step, pick, self._of(pick.step))

    def remove(self, step: str) -> bool:
        """Take a choice back; False when there was none. Raises EnvError, SpecError."""
        there = step in self.all
        if there:
            self._store(step, None, self._of(step))
        return there

    def equate(self, equate: Equate) -> None:
        """Record what counts as the same. Raises EnvError, SpecError."""
        self._store(equate.step, self.all.get(equate.step), [*self._of(equate.step), equate])

    def part(self, equate: Equate) -> None:
        """Take that back. Raises EnvError, SpecError."""
        rest = [each for each in self._of(equate.step) if each != equate]
        self._store(equate.step, self.all.get(equate.step), rest)

    def _of(self, step: str) -> list[Equate]:
        return [each for each in self.equates if each.step == step]

    def _store(self, step: str, pick: Pick | None, rest: Sequence[Equate]) -> None:
        """Write the one file of a step, and none under an earlier name; without lines there is none."""
        lines = [*([picks.line(pick)] if pick else []), *sorted(map(equates.line, rest))]
        if lines:
            self._replace(self._place(step), "".join(f"{line}\n" for line in lines))
        self._let_go([*self._moves.before(step), *([] if lines else [step])])
        self.__dict__.pop("_files", None)
        self.__dict__.pop("all", None)

    def _replace(self, path: Path, text: str) -> None:
        self._guard(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.new")
            beside.write_text(text, encoding="utf-8", newline="\n")
            beside.replace(path)
        except OSError as error:
            raise _refused(self._name(path), error) from error

    def _let_go(self, steps: Iterable[str]) -> None:
        """Remove what stands under these ids."""
        for path in (path for step in steps if (path := self._place(step)).is_file()):
            self._guard(path)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _refused(self._name(path), error) from error

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


def read(step: str, text: str) -> tuple[Pick | None, list[Equate]]:
    """What a file holds: a pick or none, and what was equated. Raises ValueError saying what is wrong."""
    lines = [line for line in text.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(f"{equates.WORD} ")]
    rest = "\n".join(line for line in lines if line not in said)
    pick = picks.read(step, rest) if rest or not said else None
    return pick, [equates.read(step, line) for line in said]


def _step(path: Path) -> str:
    return path.parent.name if path.name == "_" else f"{path.parent.name}@{path.name}"


def _refused(name: str, error: OSError) -> EnvError:
    said = f"{name} cannot be written: {error.strerror or error}"
    return EnvError(Problem("pick-not-written", said))
