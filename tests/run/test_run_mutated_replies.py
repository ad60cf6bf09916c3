"""Broken replies at every stage: no fault of ours, nothing that cannot be written down, no odd path."""

from __future__ import annotations

from mutated_replies import STAGES, advanced, driven


def test_providers_make_something_of_every_broken_reply() -> None:
    seen = advanced(2_000, seed=1)
    assert seen.total() == 2_000
    assert {kind.partition(" ")[0] for kind in seen} == set(STAGES)


def test_the_driver_writes_a_legal_path_whatever_is_answered() -> None:
    ends = driven(300, seed=2)
    assert ends["done"] > ends.total() / 2
