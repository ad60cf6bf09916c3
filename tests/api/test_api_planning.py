"""What a selection makes of a plan: the laws of exclusion, and of empty selections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from build_steps import Shelf, film
from drawn_films import WORDS, graphs
from drawn_films import known as known_of
from hypothesis import given, settings

from kinoform.api.planning import Asked, Chosen, named, wanted
from kinoform.core.errors import UsageError
from kinoform.core.graph import closure
from kinoform.core.plan import plan
from kinoform.core.select import Known, select

if TYPE_CHECKING:
    from kinoform.core.types import Graph

FEW = settings(max_examples=40)


def _named(graph: Graph, asked: Asked, known: Known) -> Chosen:
    """The choice; an empty one also where the words are refused for selecting nothing."""
    try:
        return named(graph, asked, known)
    except UsageError as error:
        assert [p.code for p in error.problems] == ["nothing-selected"]  # noqa: PT017  (either may be)
        return Chosen(frozenset())


@FEW
@given(graphs(), known_of(), WORDS, WORDS)
def test_exclusion_takes_away_and_never_adds(graph: Graph, known: Known, a: str, b: str) -> None:
    expected = select(graph, [a], known) - select(graph, [b], known)
    assert _named(graph, Asked(select=[a], exclude=[b]), known).goals == expected


@FEW
@given(graphs(), known_of(), WORDS)
def test_a_selection_and_its_exclusion_are_the_whole(graph: Graph, known: Known, a: str) -> None:
    inside = select(graph, [a], known)
    outside = _named(graph, Asked(exclude=[a]), known).goals
    assert outside is not None
    assert inside | outside == frozenset(range(len(graph.steps)))
    assert not inside & outside


@FEW
@given(graphs(), known_of(), WORDS)
def test_a_plan_covers_the_selection_and_what_it_needs_and_an_empty_one_nothing(
    graph: Graph, known: Known, a: str
) -> None:
    choice = _named(graph, Asked([a]), known)
    found, _ = plan(graph, Shelf().world(), wanted(graph, Asked([a]), choice))
    planned = {graph.index[decision.step] for decision in found.decisions}
    assert planned == closure(graph, choice.goals or ())


def test_an_empty_selection_is_a_mistake_unless_a_state_was_asked_for() -> None:
    graph, nothing = film(3), Known()
    with pytest.raises(UsageError) as caught:
        named(graph, Asked(select=["clip,still"]), nothing)
    assert caught.value.problems[0].message.startswith("no step is in all parts of clip,still")
    with pytest.raises(UsageError) as caught:
        named(graph, Asked(exclude=["*"]), nothing)
    assert (
        caught.value.problems[0].message
        == "--exclude leaves none of the 7 steps that were selected"
    )
    empty = named(graph, Asked(["clip,state:lost"], ["state:failed"]), nothing)
    assert empty.goals == frozenset()
    assert empty.nothing is not None
    said = "state:lost selects no step; state:failed selects no step"
    assert (empty.nothing.message, empty.nothing.severity) == (said, "warning")


def test_faults_of_every_list_are_said_with_where_they_were_typed() -> None:
    with pytest.raises(UsageError) as caught:
        named(film(3), Asked(["clpi"], ["tag:x"], ["state:y"]), Known())
    found = [(p.path, p.code) for p in caught.value.problems]
    assert found == [
        ("", "no-such-step"),
        ("--select", "no-such-tag"),
        ("--exclude", "no-such-state"),
    ]
