"""Two thousand orders of fifty purchases, faults, kills, power cuts and decisions. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from figures import NAME, limited
from purchase_machine import SEEN, played, seen

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES, STEPS = 2_000, 50


def test_no_order_of_faults_buys_twice_loses_or_gets_stuck(
    record_property: Callable[[str, Any], None],
) -> None:
    with limited(1_800):
        played(EXAMPLES, STEPS)
    record_property(NAME, seen())
    assert SEEN["machines"] >= EXAMPLES
