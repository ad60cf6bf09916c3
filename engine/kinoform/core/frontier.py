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

    `rank[i]` orders ready nodes (lowest first); `pools[i]` names the limits that a node works under
    (a provider and a model), and `limits` says how many may work at once (absent: no limit).
    """

    def __init__(
        self,
        needs: Sequence[Sequence[int]],
        rank: Sequence[Any],
        pools: Sequence[tuple[str, ...]],
        limits: Mapping[str, int],
    ) -> None:
        self._rank, self._pools, self._limits = rank, pools, limits
        self._blockers = [len(wanted) for wanted in needs]
        self._users: list[list[int]] = [[] for _ in needs]
        for number, wanted in enumerate(needs):
            for need in wanted:
                self._users[need].append(number)
        self._ready: dict[tuple[str, ...], list[tuple[Any, int]]] = {}
        self._busy: Counter[str] = Counter()
        for number, count in enumerate(self._blockers):
            if not count:
                self._push(number)
        self._open = len(needs)

    def _push(self, number: int) -> None:
        heappush(self._ready.setdefault(self._pools[number], []), (self._rank[number], number))

    @property
    def finished(self) -> bool:
        """True when every node is settled."""
        return not self._open

    def ready(self) -> Iterator[int]:
        """Take ready nodes whose pool has room, also those that become ready meanwhile."""
        while (pools := self._room()) is not None:
            yield heappop(self._ready[pools])[1]

    def alike(self, number: int, most: int) -> list[int]:
        """Take more ready nodes of the same pools, which set no limit, in their order."""
        heap = self._ready[self._pools[number]]
        return [heappop(heap)[1] for _ in range(min(most, len(heap)))]

    def _room(self) -> tuple[str, ...] | None:
        """The pools of the first in rank among those that could start now."""
        free = (pools for pools, heap in self._ready.items() if heap and self._free(pools))
        return min(free, key=lambda pools: self._ready[pools][0], default=None)

    def _free(self, pools: tuple[str, ...]) -> bool:
        busy, limits = self._busy, self._limits
        return all(busy[pool] < limits.get(pool, busy[pool] + 1) for pool in pools)

    def occupy(self, number: int) -> None:
        """This node works now; its pools are one place smaller."""
        for pool in self._pools[number]:
            self._busy[pool] += 1

    def release(self, number: int) -> None:
        """It works no more."""
        for pool in self._pools[number]:
            self._busy[pool] -= 1

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
