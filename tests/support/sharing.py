"""Two people and the folder that they share; and ways to spoil what lies in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from film import Film

from kinoform.api import pulling, sharing
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kinoform.api.sharing import Carried

NOW = 1_795_780_800.0  # 2026-11-27 12:00:00 UTC


class Team:
    """`ana` and `ben` have one pipeline, a home each, and a folder between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "team"
        for name in ("ana", "ben"):
            (folder / name).mkdir()
        self.ana, self.ben = Film(folder / "ana"), Film(folder / "ben")

    def push(self, film: Film, tell: Callable[[int], None] = lambda _size: None) -> Carried:
        """Everything that this project has now."""
        project = film.open()
        shared = SharedFolder(self.folder, tell=tell)
        return sharing.push(project.home, shared, sharing.of_project(project.plan()))

    def pull(self, film: Film, tell: Callable[[int], None] = lambda _size: None) -> Carried:
        """Everything that this project would make."""
        project = film.open()
        shared = SharedFolder(self.folder, tell=tell)
        return pulling.Pull(project.home, shared, lambda: NOW).project(project.plan())

    def files(self, kind: str) -> list[Path]:
        """What lies there: `objects` or `records`."""
        return sorted(path for path in (self.folder / kind).rglob("*") if path.is_file())


def objects(home: Path) -> list[Path]:
    """Every object file of a home."""
    return sorted((home / "store" / "objects").glob("??/*"))


def rewrite(path: Path, data: bytes) -> None:
    """Put other bytes in the place of a file, whatever its mode."""
    path.unlink()
    path.write_bytes(data)


def flip(path: Path, dice: random.Random) -> None:
    """Turn one bit."""
    data = bytearray(path.read_bytes())
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    rewrite(path, bytes(data))


def truncate(path: Path, dice: random.Random) -> None:
    """Cut it somewhere."""
    data = path.read_bytes()
    rewrite(path, data[: dice.randrange(1, len(data))])


def empty(path: Path, _: random.Random) -> None:
    """Leave no byte."""
    rewrite(path, b"")


def swap(paths: Sequence[Path]) -> None:
    """Exchange the bytes of neighbours."""
    for one, other in zip(paths[::2], paths[1::2], strict=True):
        first, second = one.read_bytes(), other.read_bytes()
        rewrite(one, second)
        rewrite(other, first)
