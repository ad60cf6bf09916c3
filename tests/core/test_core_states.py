"""The table of moves is whole, and what is not in it is illegal."""

from __future__ import annotations

from typing import get_args

import pytest

from kinoform.core import states
from kinoform.core.types import Outcome


def test_every_state_has_a_row_and_every_move_leads_to_a_state() -> None:
    assert set(states.MOVES) == set(get_args(states.State))
    assert {then for row in states.MOVES.values() for then in row.values()} <= set(states.MOVES)


def test_every_outcome_of_a_step_is_a_state() -> None:
    assert set(get_args(Outcome)) <= set(states.MOVES)


def test_every_state_can_be_reached() -> None:
    reached, frontier = {states.FIRST}, [states.FIRST]
    while frontier:
        fresh = set(states.MOVES[frontier.pop()].values()) - reached
        reached |= fresh
        frontier += fresh
    assert reached == set(states.MOVES)


@pytest.mark.parametrize(
    ("state", "kind"),
    [("blocked", "result"), ("done", "started"), ("done", "failed"), ("skipped", "started")],
)
def test_what_is_not_in_the_table_is_illegal(state: states.State, kind: str) -> None:
    assert (state, kind) not in states.NEXT


def test_a_failed_step_may_be_started_again() -> None:
    assert states.NEXT["failed", "started"] == "started"


def test_the_drawing_shows_each_move_once() -> None:
    lines = states.mermaid().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> planned" in lines
    assert "    started --> done: result" in lines
    assert "    done --> [*]" in lines
    assert len(lines) == len(set(lines))
