"""Renames lead each name to one name, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.moves import Moves, circles

STEPS, ITEMS = ("still", "edit", "clip"), ("s010", "s020", "s030")
OLD = [f"{step}@{item}" for step in STEPS for item in ITEMS]
ENDS = st.sampled_from(["", ".last_frame", "#2.frame(2.5)"])


@st.composite
def renamings(draw: st.DrawFn) -> Moves:
    """Some steps and some items get new names, in an order and with stations of their own."""
    steps = draw(st.sets(st.sampled_from(STEPS)))
    items = draw(st.sets(st.sampled_from(OLD)))
    pairs = {item: f"{item}x" for item in items}
    pairs |= {f"{item}x": f"{item}y" for item in draw(st.sets(st.sampled_from(OLD))) & items}
    pairs |= {step: f"new{step}" for step in steps}
    return Moves(dict(draw(st.permutations(list(pairs.items())))))


@given(renamings(), ENDS)
def test_moves_are_a_bijection(moves: Moves, end: str) -> None:
    now = {old + end: moves.now(old + end) for old in OLD}
    assert len(set(now.values())) == len(OLD)
    for old, new in now.items():
        assert moves.now(new) == new
        assert (old in moves.before(new)) == (old != new)
        assert all(moves.now(each) == new for each in moves.before(new))


@given(renamings())
def test_records_follow_and_none_is_lost(moves: Moves) -> None:
    records = {(old, take): f"{old} {take}" for old in OLD for take in (1, 2)}
    moved = moves.renamed_takes(records)
    assert sorted(moved.values()) == sorted(records.values())
    assert {moved[moves.now(old), take] for old, take in records} == set(records.values())


def test_what_has_the_name_of_today_goes_before_what_moved_to_it() -> None:
    moves = Moves({"still@s010": "still@s015"})
    assert moves.renamed({"still@s015": "new", "still@s010": "old"}) == {"still@s015": "new"}


def test_an_item_is_renamed_before_its_step_and_after_it() -> None:
    moves = Moves({"still@s010": "still@s015", "still": "board", "board@s015": "board@s016"})
    assert moves.now("still@s010") == "board@s016"
    assert set(moves.before("board@s016")) == {
        "board@s015", "still@s015", "still@s016", "still@s010",
    }  # fmt: skip
    assert moves.now("stills@s010") == "stills@s010"


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ({"a": "b", "b": "c"}, []),
        ({"a": "a"}, ["a"]),
        ({"a": "b", "b": "a", "c": "a"}, ["a", "b"]),
    ],
)
def test_circles_are_found(pairs: dict[str, str], found: list[str]) -> None:
    assert circles(pairs) == found
    assert Moves(pairs).now("a")
