"""The lock of one project: what was bought for which step, and which bytes an address stands for.

Kept in git beside the pipeline. Purchases are read only when the ledger does not know a key: in a
fresh clone, or on another machine.
"""

from __future__ import annotations

import os
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinoform.core import lock
from kinoform.core.address import place
from kinoform.core.canon import digest_of
from kinoform.core.errors import EnvError, Problem, SpecError, Where
from kinoform.core.ledger import RecordError
from kinoform.core.moves import Moves
from kinoform.core.words import short
from kinoform.stores.looks import listed, looked
from kinoform.stores.scratch import replace_text, sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kinoform.core.types import Blob, Result

FOLDER: Final = "kinoform.lock"
_BOTH: Final = "both sides bought something: keep their lines, and delete this one"
_ONE: Final = "both sides pinned other bytes: keep the line of one of them"
_MARKS: Final = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")  # that git leaves in a conflict


class LockBook:
    """The records below one project folder, by the ids of today.

    `problems` are those that could not be written.
    """

    def __init__(self, root: Path, moves: Moves | None = None) -> None:
        self._root, self._moves = root, moves or Moves()
        self._ready: set[str] = set()
        self.problems: list[Problem] = []

    @cached_property
    def all(self) -> dict[str, Result]:
        """Every recorded result by key. Raises SpecError with every line that is no record."""
        found, wrong = self.read()
        if wrong:
            raise SpecError(wrong)
        return {result.key: result for result in found}

    def read(self) -> tuple[list[Result], list[Problem]]:
        """Every record, in the order of files and lines, and every line that is none."""
        found: list[Result] = []
        wrong: list[Problem] = []
        for path in listed(self._root / FOLDER / "steps", "*/*"):
            for number, line in enumerate(_lines(path), 1):
                try:
                    found.append(lock.read(self._moves.now(_step(path)), line))
                except RecordError as error:
                    wrong.append(self._damaged(path, number, line, str(error)))
        return found, wrong

    @cached_property
    def recipes(self) -> dict[str, str]:
        """Key to recipe, of every record; a record holds no manifest to work it out from."""
        paths = listed(self._root / FOLDER / "steps", "*/*")
        return dict(lock.recipe(line) for path in paths for line in _lines(path))

    def digests(self, steps: Collection[str]) -> dict[str, str]:
        """Place to digest of the records of these steps, where there are any. Raises EnvError."""
        places = ((lock.place(step), self._root / FOLDER / lock.place(step)) for step in steps)
        try:
            return {place: digest_of(path.read_bytes()) for place, path in places if path.is_file()}
        except OSError as error:
            said = f"{FOLDER} cannot be read: {error.strerror or error}"
            raise EnvError(Problem("lock-not-read", said)) from error

    @property
    def takes(self) -> Iterator[tuple[str, int]]:
        """Step id and take of every record. Raises SpecError."""
        return ((result.step, result.take) for result in self.all.values())

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys. Raises SpecError."""
        return {key: self.all[key] for key in keys if key in self.all}

    def blob(self, step: str, digest: str) -> Blob | None:
        """What the records of one step say of these bytes."""
        places = [lock.place(name) for name in (step, *self._moves.before(step))]
        paths = (self._root / FOLDER / place for place in places)
        lines = (line for path in paths for line in _lines(path))
        blobs = (blob for line in lines for blob in _outputs(step, line))
        return next((blob for blob in blobs if blob.digest == digest), None)

    def keep(self, step: str, result: Result, *, fresh: bool = False) -> None:
        """Record a purchase, unless it is recorded or `fresh`. What fails is kept: it ends no run."""
        path = f"{self._root}/{FOLDER}/{lock.place(step)}"
        try:
            before = _lines(path)
            after = lock.added(before, lock.record(result), fresh=fresh)
            if after != before:
                self._write(path, after)
        except (OSError, ValueError) as error:
            said = f"{FOLDER}/{lock.place(step)} cannot be written: {short(str(error))}"
            self.problems.append(Problem("lock-not-written", said))
        except EnvError as error:
            self.problems.extend(error.problems)

    def holds(self, step: str, key: str) -> bool:
        """Whether a purchase is recorded, and its file as it should be."""
        try:
            return lock.holds(_lines(self._root / FOLDER / lock.place(step)), key)
        except (OSError, ValueError):
            return False

    def input(self, url: str) -> Blob | None:
        """The bytes that an address was pinned to. Raises SpecError for a record that is none."""
        path = self._root / FOLDER / place(url)
        lines = _lines(path)
        return self._pinned(path, lines)[1] if lines else None

    def inputs(self) -> tuple[dict[str, Blob], list[Problem]]:
        """Every pinned address with its bytes, and every record that is none."""
        found: dict[str, Blob] = {}
        wrong: list[Problem] = []
        for path in listed(self._root / FOLDER / "inputs", "*/[!.]*"):
            try:
                name, blob = self._pinned(path, _lines(path))
                found[name] = blob
            except SpecError as error:
                wrong += error.problems
        return found, wrong

    def _pinned(self, path: Path, lines: Sequence[str]) -> tuple[str, Blob]:
        try:
            (line,) = lines
            return lock.pinned(line)
        except ValueError as error:
            said = "a pinned address is one line" if len(lines) > 1 else str(error)
            raise SpecError(self._damaged(path, 1, lines[0] if lines else "", said)) from None

    def pin(self, url: str, blob: Blob) -> None:
        """Let an address stand for these bytes. Raises EnvError."""
        name = place(url)
        try:
            self._write(f"{self._root}/{FOLDER}/{name}", [lock.pin(url, blob)])
        except OSError as error:
            said = f"{FOLDER}/{name} cannot be written: {short(str(error))}"
            raise EnvError(Problem("lock-not-written", said)) from error

    def _write(self, path: str, lines: list[str]) -> None:
        """Paths are texts here, as a run writes thousands of records."""
        folder = os.path.dirname(path)
        if folder not in self._ready:  # asked once: a thousand records lie in one
            self._make(Path(folder))
            self._ready.add(folder)
        if os.path.islink(path):
            raise _linked(self._root, Path(path))
        replace_text(path, "".join(f"{line}\n" for line in lines))

    def _make(self, folder: Path) -> None:
        """A folder of records, reached by no link, without what killed runs left there."""
        self._refuse_links(folder)
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)

    def _refuse_links(self, folder: Path) -> None:
        for part in takewhile(lambda place: place != self._root, (folder, *folder.parents)):
            if part.is_symlink():
                raise _linked(self._root, folder)

    def _damaged(self, path: Path, number: int, line: str, said: str) -> Problem:
        where = Where(path.relative_to(self._root).as_posix(), number, 1)
        if line.startswith(_MARKS):
            inputs = self._root / FOLDER / "inputs"
            hint = _ONE if path.is_relative_to(inputs) else _BOTH
            return Problem("lock-damaged", "a merge was left unfinished here", where, hint)
        hint = "take it from git again, or delete the line: what it names is then not known here"
        return Problem("lock-damaged", f"no record: {short(said)}", where, hint)


def _outputs(step: str, line: str) -> Sequence[Blob]:
    """What a record names; nothing for a line that is none."""
    try:
        return lock.read(step, line).outputs
    except RecordError:
        return ()


def _step(path: Path) -> str:
    item = "" if path.name == "_" else f"@{path.name}"
    return f"{path.parent.name}{item}"


def _lines(path: Path | str) -> list[str]:
    looked(path)
    if not os.path.isfile(path) or os.path.basename(path).startswith("."):
        return []
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def _linked(root: Path, path: Path) -> EnvError:
    said = f"{path.relative_to(root).as_posix()} leads through a link"
    return EnvError(Problem("lock-not-written", said))
