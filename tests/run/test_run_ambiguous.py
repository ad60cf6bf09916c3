"""Submits that nobody answered, at a provider that repeats nothing: adopted, made again, or listed."""

from __future__ import annotations

from ambiguous import ambiguous
from virtual_time import START

from kinoform.views import pending


def test_what_only_we_can_have_made_is_found_again_or_proved_absent() -> None:
    found = ambiguous(90, seed=1)
    assert (found.twice, found.wrong) == (0, ())
    assert found.settled >= 0.99


def test_what_a_stranger_may_have_made_is_listed_with_window_and_candidates() -> None:
    found = ambiguous(24, seed=2, strangers=300, models=2)
    assert found.twice == 0
    assert found.unknown
    told = pending.document(found.unknown, START, "")["tasks"]
    assert all(each["window"] and each["candidates"] for each in told)
    assert {problem.code for problem in found.problems} == {"outcome-unknown"}
