"""Shows people what was made, in the order in which it ended and beside the run: files take time.

Nobody waits for it: what reads a result reads the store. How it is shown is the gallery's.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from kinoform.core.report import Ended, Stood
    from kinoform.core.types import Result, Step

_SMALL = 4096  # bytes that are worth keeping until they are shown
_Shown: TypeAlias = "tuple[int, Step, Ended, Result | None]"


class Gallery(Protocol):
    """Where people see what steps ended with."""

    def publish(self, step: Step, ended: Ended, made: Result | None, data: bytes) -> bool:
        """Show it, by this record where the run has it at hand; False if its bytes are damaged.

        `data` are the bytes of its first output, or empty where they have to be read.
        """

    def unshown(self, stood: Sequence[Stood]) -> Iterable[int]:
        """Which of these to publish, by number, as they are not seen as they should be, or may not be.

        Inserted steps never are. What was there before a run is looked at together.
        """


class Showing:
    """Fills the gallery, in one thread of its own."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._waiting: list[_Shown] = []
        self._thread = ThreadPoolExecutor(1)
        self._rounds: list[Future[list[int]]] = []
        self._held: dict[str, bytes] = {}

    def hold(self, datas: Mapping[str, bytes]) -> None:
        """Small outputs by digest, which need not be read again to be shown."""
        self._held.update({name: data for name, data in datas.items() if len(data) <= _SMALL})

    def again(
        self, places: Sequence[int], stood: Sequence[Stood], step: Callable[[int], Step]
    ) -> None:
        """Let all of these be shown that are not any more; nothing was done for them.

        `step` gives the step of a place.
        """
        if stood:
            self._rounds.append(self._thread.submit(self._lacking, places, stood, step))

    def add(self, place: int, step: Step, ended: Ended, result: Result | None) -> None:
        """Let it be shown once nothing more can be begun: two threads at work take turns, and time."""
        if not step.hidden:
            self._waiting.append((place, step, ended, result))

    def go_on(self) -> None:
        """Hand over what waits."""
        if self._waiting:
            self._rounds.append(self._thread.submit(self._all, self._waiting))
            self._waiting = []

    def damaged(self) -> Iterator[int]:
        """The places whose bytes turned out not to be whole since this was asked last."""
        while self._rounds and self._rounds[0].done():
            yield from self._rounds.pop(0).result()

    def close(self) -> None:
        """Return when all is shown."""
        self.go_on()
        self._thread.shutdown()

    def _lacking(
        self, places: Sequence[int], stood: Sequence[Stood], step: Callable[[int], Step]
    ) -> list[int]:
        lacking = [(places[n], stood[n].ended) for n in self._gallery.unshown(stood)]
        return self._all([(place, step(place), ended, None) for place, ended in lacking])

    def _all(self, shown: Sequence[_Shown]) -> list[int]:
        show, held = self._gallery.publish, self._held
        return [
            place
            for place, step, ended, made in shown
            if not show(step, ended, made, held.pop(_first(ended), b""))
        ]


def _first(ended: Ended) -> str:
    return ended.outputs[0].digest if ended.outputs else ""
