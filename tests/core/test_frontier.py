"""Ready nodes leave by rank, after all they need, within their pools."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.frontier import Frontier, tails


def _all(needs: list[list[int]], limits: dict[str, int], pools: list[tuple[str, ...]]) -> list[int]:
    """Start what may start, finish the oldest, until nothing is left."""
    frontier = Frontier(needs, list(range(len(needs))), pools, limits)
    order: list[int] = []
    working: list[int] = []
    while not frontier.finished:
        for number in frontier.ready():
            frontier.occupy(number)
            working.append(number)
            assert all(working.count(n) == 1 for n in working)
            for pool, limit in limits.items():
                assert sum(pool in pools[n] for n in working) <= limit
        done = working.pop(0)
        order.append(done)
        frontier.release(done)
        frontier.settle(done)
    return order


@given(
    st.lists(st.lists(st.integers(0, 20), max_size=3), min_size=1, max_size=20), st.integers(1, 3)
)
def test_every_node_runs_once_after_its_needs_and_within_its_pool(
    wanted: list[list[int]], limit: int
) -> None:
    needs = [sorted({m for m in row if m < n}) for n, row in enumerate(wanted)]
    models = [("cloud", "one"), ("cpu",), ("cloud", "other")]
    pools = [models[n % 3] for n in range(len(needs))]
    order = _all(needs, {"cpu": limit, "cloud": 2, "one": 1}, pools)
    assert sorted(order) == list(range(len(needs)))
    assert all(order.index(m) < order.index(n) for n, row in enumerate(needs) for m in row)


def test_the_lowest_rank_leaves_first() -> None:
    frontier = Frontier([[], [], []], [3, 1, 2], [("p",)] * 3, {})
    assert list(frontier.ready()) == [1, 2, 0]


def test_a_full_pool_holds_nothing_else_up() -> None:
    frontier = Frontier([[], [], []], [0, 1, 2], [("cpu",), ("cpu",), ("cloud",)], {"cpu": 1})
    started = []
    for number in frontier.ready():
        frontier.occupy(number)
        started.append(number)
    assert started == [0, 2]


def test_the_longest_way_to_the_end_counts_all_that_follows() -> None:
    assert tails([[], [0], [1], []], range(4), [1.0, 5.0, 2.0, 4.0]) == [8.0, 7.0, 2.0, 4.0]


def test_more_of_the_same_pools_leave_at_once_and_in_order() -> None:
    pools = [("small",), ("cloud",), ("small",), ("small",), ("small",)]
    frontier = Frontier([[], [], [], [], [0]], [4, 0, 3, 2, 1], pools, {})
    assert frontier.alike(0, 2) == [3, 2]
    assert frontier.alike(0, 9) == [0]
    frontier.settle(0)
    assert frontier.alike(0, 9) == [4]
    assert frontier.alike(0, 9) == []
    assert list(frontier.ready()) == [1]
