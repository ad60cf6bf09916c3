"""Which nodes of a run may start now: blocker counts and pools. The one mutable class in core.

Knows integers only: what a node is and how long it takes is the run loop's business.
"""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Frontier:
    """Nodes become ready when all they need is settled; ready nodes leave by priority.

    `rank[i]` orders ready nodes (lowest first); `pool[i]` names the limit that a node works under,
    and `limits` says how many may work at once (absent: no limit).
    """

    def __init__(
        self,
        needs: Sequence[Sequence[int]],
        rank: Sequence[Any],
        pool: Sequence[str],
        limits: Mapping[str, int],
    ) -> None:
        self._rank, self._pool, self._limits = rank, pool, limits
        self._blockers = [len(wanted) for wanted in needs]
        self._users: list[list[int]] = [[] for _ in needs]
        for number, wanted in enumerate(needs):
            for need in wanted:
                self._users[need].append(number)
        self._ready: dict[str, list[tuple[Any, int]]] = {}
        self._busy: Counter[str] = Counter()
        for number, count in enumerate(self._blockers):
            if not count:
                self._push(number)
        self._open = len(needs)

    def _push(self, number: int) -> None:
        heappush(self._ready.setdefault(self._pool[number], []), (self._rank[number], number))

    @property
    def finished(self) -> bool:
        """True when every node is settled."""
        return not self._open

    def ready(self) -> Iterator[int]:
        """Take ready nodes whose pool has room, also those that become ready meanwhile."""
        while (pool := self._room()) is not None:
            yield heappop(self._ready[pool])[1]

    def _room(self) -> str | None:
        return next((p for p, heap in self._ready.items() if heap and self._free(p)), None)

    def _free(self, pool: str) -> bool:
        return self._busy[pool] < self._limits.get(pool, self._busy[pool] + 1)

    def occupy(self, number: int) -> None:
        """This node works now; its pool is one place smaller."""
        self._busy[self._pool[number]] += 1

    def release(self, number: int) -> None:
        """It works no more."""
        self._busy[self._pool[number]] -= 1

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
