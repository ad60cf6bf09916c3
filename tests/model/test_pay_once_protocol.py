"""Every interleaving of the pay-once protocol, under crashes and power losses, and every shortcut.

Two processes, three kills, two power losses, five submits; each rule that is left out is caught.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from pay_once_model import Rules, first, without
from pay_once_states import LAWS, Explored, explore

if TYPE_CHECKING:
    from pay_once_model import Provider

PROVIDERS: tuple[Provider, ...] = ("refuses", "lists", "silent")
DEEP = first(kills=3, powers=2, posts=5)
USUAL = first(kills=2, powers=1, posts=4)
SMALL = first(kills=1, powers=0, posts=2)
LEAST = 80_000  # states that all three together must have

# What is left out, with whom, and the law that breaks.
MUTANTS: tuple[tuple[Provider, str, str], ...] = (
    ("refuses", "intent", "I2"),
    ("lists", "intent", "I2"),
    ("refuses", "sync_intent", "I2"),
    ("lists", "sync_intent", "I2"),
    ("refuses", "sync_start", "I2"),
    ("refuses", "same_id", "I1"),
    ("refuses", "lock", "I3"),
    ("lists", "lock", "I3"),
    ("lists", "settle", "I3"),
    ("refuses", "doubt_refusal", "I3"),
    ("refuses", "bytes_first", "I4"),
    ("refuses", "sync_bytes", "I4"),
    ("refuses", "sync_name", "I4"),
    ("silent", "ask", "I1"),
)


@cache
def whole(provider: Provider) -> Explored:
    return explore(Rules(provider), DEEP)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_interleaving_breaks_a_law_or_gets_stuck(provider: Provider) -> None:
    found = whole(provider)
    assert not found.broken, " > ".join(found.trace)
    assert found.stuck == 0
    assert found.ends > 0


def test_enough_is_explored(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {provider: whole(provider).states for provider in PROVIDERS}
    with capsys.disabled():
        told = ", ".join(f"{provider} {count:,}" for provider, count in counts.items())
        print(f"\npay once: {told}; {sum(counts.values()):,} states, 0 violations")
    assert sum(counts.values()) >= LEAST


@pytest.mark.parametrize(("provider", "rule", "law"), MUTANTS)
def test_each_rule_is_needed(provider: Provider, rule: str, law: str) -> None:
    found = explore(without(provider, rule), USUAL)
    assert found.broken.startswith(law), f"{found.states} states"
    assert found.trace


# The two that survive, and why.


def test_an_id_that_follows_from_the_request_is_paid_once_even_without_a_lock() -> None:
    """The provider refuses the second. The lock is for the records: without it one is called void."""
    paid_once = {said: law for said, law in LAWS.items() if said.startswith("I1")}
    found = explore(without("refuses", "lock"), SMALL, paid_once)
    assert not found.broken, " > ".join(found.trace)


def test_where_nothing_is_sent_again_a_start_may_act_on_what_is_not_synced() -> None:
    """An unsynced intent was never submitted, and is looked up; only a repeat would need it."""
    found = explore(without("lists", "sync_start"), USUAL)
    assert not found.broken, " > ".join(found.trace)
    assert found.stuck == 0
