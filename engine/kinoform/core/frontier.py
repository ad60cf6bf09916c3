"""Which nodes of a run may start now: blocker counts and pools. The one mutable class in core.

Knows integers only: what a node is and how long it takes is the run loop's business.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Frontier:
    """Nodes become ready when all they need is settled; ready nodes leave by priority.

    `rank[i]` orders ready nodes (lowest first). Settling a node twice is a fault of the caller.
    """

    def __init__(self, needs: Sequence[Sequence[int]], rank: Sequence[object]) -> None:
        self._rank = rank
        self._blockers = [len(wanted) for wanted in needs]
        self._users: list[list[int]] = [[] for _ in needs]
        for number, wanted in enumerate(needs):
            for need in wanted:
                self._users[need].append(number)
        self._ready: list[tuple[object, int]] = []
        for number, count in enumerate(self._blockers):
            if not count:
                self._push(number)
        self._open = len(needs)

    def _push(self, number: int) -> None:
        heappush(self._ready, (self._rank[number], number))

    @property
    def finished(self) -> bool:
        """True when every node is settled."""
        return not self._open

    def ready(self) -> Iterator[int]:
        """Take the ready nodes, also those that become ready while the caller settles."""
        while self._ready:
            yield heappop(self._ready)[1]

    def settle(self, number: int) -> None:
        """This node is over, however it ended; its users may become ready."""
        self._open -= 1
        for user in self._users[number]:
            self._blockers[user] -= 1
            if not self._blockers[user]:
                self._push(user)


def tails(
    needs: Sequence[Sequence[int]], order: Sequence[int], weight: Sequence[float]
) -> list[float]:
    """Length of the longest way from each node to the end: the critical path goes first."""
    length = list(weight)
    for number in reversed(order):
        for need in needs[number]:
            length[need] = max(length[need], weight[need] + length[number])
    return length
