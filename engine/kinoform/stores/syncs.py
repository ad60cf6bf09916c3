"""Work that has to wait for the disk, many pieces in step: what they wait for is synced in one go.

A piece is a generator that yields what must be on the disk before it goes on, and is told there of a
sync that failed. Python itself works in one thread; only syncs wait beside each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from kinoform.core.errors import EnvError
from kinoform.stores.disk import sync_file, sync_folder

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
# The descriptor of an open file, or the path of a folder.
Wish: TypeAlias = int | str
Piece: TypeAlias = Generator[Wish, None, T]
Told: TypeAlias = list[tuple[Wish, OSError | None]]
# `map`, or that of a pool of threads.
Run: TypeAlias = Callable[[Callable[[list[Wish]], Told], list[list[Wish]]], Iterable[Told]]

_FEW: Final = 4  # pieces that wait for each other
_AT_ONCE: Final = 4  # syncs: a disk does several in the time of one; more threads take turns


def alone(piece: Piece[T]) -> T:
    """Do one piece of work. Raises the EnvError that it ends with."""
    (found,) = together([piece])
    if isinstance(found, EnvError):
        raise found
    return found


def together(pieces: Sequence[Piece[T]]) -> list[T | EnvError]:
    """What each piece returns, or the EnvError that it alone ends with."""
    if len(pieces) <= _FEW:
        return _in_step(pieces, map)
    return _in_step(pieces, _threads(os.getpid()).map)


@cache
def _threads(_pid: int) -> ThreadPoolExecutor:
    """Kept for the next time: to start and end them costs a third of what many pieces take.

    Of each process its own, also of a forked one.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (a plan syncs nothing)

    return ThreadPoolExecutor(_AT_ONCE)


def _in_step(pieces: Sequence[Piece[T]], run: Run) -> list[T | EnvError]:
    ended: dict[int, T | EnvError] = {}
    told: dict[int, OSError | None] = dict.fromkeys(range(len(pieces)))
    while told:
        wishes: dict[int, Wish] = {}
        for number, fault in told.items():
            piece = pieces[number]
            try:
                wishes[number] = piece.throw(fault) if fault else next(piece)
            except StopIteration as end:
                ended[number] = end.value
            except EnvError as error:
                ended[number] = error
        faults = _synced(list(dict.fromkeys(wishes.values())), run)
        told = {number: faults[wish] for number, wish in wishes.items()}
    return [ended[number] for number in range(len(pieces))]


def _synced(wishes: list[Wish], run: Run) -> dict[Wish, OSError | None]:
    """Each on the disk, or what the disk said."""
    # A few in one go: to hand over one at a time costs as much as its sync.
    parts = [wishes[first::_AT_ONCE] for first in range(min(_AT_ONCE, len(wishes)))]
    return dict(pair for part in run(_sync_part, parts) for pair in part)


def _sync_part(wishes: list[Wish]) -> Told:
    return list(map(_sync, wishes))


def _sync(wish: Wish) -> tuple[Wish, OSError | None]:
    try:
        if isinstance(wish, int):
            sync_file(wish)
        else:
            sync_folder(wish)
    except OSError as error:
        return wish, error
    return wish, None
