"""Any order of purchases, faults, kills, power cuts and decisions keeps the laws of paying once."""

from __future__ import annotations

from purchase_machine import SEEN, played

EXAMPLES, STEPS = 100, 30


def test_no_order_of_faults_buys_twice_loses_or_gets_stuck() -> None:
    played(EXAMPLES, STEPS)
    assert SEEN["bills"] > EXAMPLES // 2
    assert SEEN["deaths"] > EXAMPLES // 2
