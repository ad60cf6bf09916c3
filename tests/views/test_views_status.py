"""The three answers: present, matching, chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from build_steps import Shelf, answer, film, step, still

from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Graph, Pick
from kinoform.views import status as views

if TYPE_CHECKING:
    from collections import Counter


def standings(graph: Graph, shelf: Shelf, **more: Any) -> list[views.Standing]:
    found, survey = plan(graph, shelf.world(**more), wish(graph))
    return views.standings(views.held(found.decisions.lots, survey), survey)


def tallies(graph: Graph, shelf: Shelf, **more: Any) -> dict[str, Counter[str]]:
    found, survey = plan(graph, shelf.world(**more), wish(graph))
    return views.tallies(views.held(found.decisions.lots, survey), survey.world.picks)


def make(graph: Graph, shelf: Shelf) -> dict[tuple[str, int], str]:
    """Answer what is known, and say where each key stands now."""
    survey = plan(graph, shelf.world(), wish(graph))[1]
    for (number, take), key in survey.keys.items():
        kind = graph.steps[number].op.kind
        shelf.results[key] = answer(key, survey.manifests[number, take], kind)
    return {(graph.steps[n].id, take): key for (n, take), key in survey.keys.items()}


def test_nothing_made_yet() -> None:
    rows = standings(film(1), Shelf())
    assert [row.recipe for row in rows] == ["not made yet", "not known yet", "not known yet"]
    assert views.counts(tallies(film(1), Shelf())) == {
        "instances": 3, "present": 0, "matching": 0, "chosen": 0, "waiting": 2, "lost": 0
    }  # fmt: skip


def test_what_is_made_is_present_and_matches() -> None:
    graph, shelf = build([step("note", text="a")]), Shelf()
    (row,) = standings(graph, shelf, heads=make(graph, shelf))
    assert (row.present, row.matches, row.recipe) == (True, True, "yes")


def test_after_an_edit_the_old_bytes_are_present_and_do_not_match() -> None:
    shelf = Shelf()
    heads = make(build([step("note", text="a")]), shelf)
    (row,) = standings(build([step("note", text="b")]), shelf, heads=heads)
    assert (row.present, row.matches, row.recipe) == (True, False, "edited since")


def test_a_lost_purchase_matches_and_is_not_present() -> None:
    graph, shelf = build([still("a", x=1)]), Shelf()
    heads = make(graph, shelf)
    shelf.gone = {b.digest for r in shelf.results.values() for b in r.outputs}
    (row,) = standings(graph, shelf, heads=heads)
    assert (row.verdict, row.present, row.matches) == ("lost", False, True)
    assert next(iter(views.each([row])))[1] == "lost"


def test_a_pick_is_a_choice() -> None:
    graph, shelf = build([still("a", x=1)]), Shelf()
    pick = Pick("a", "sha256:abc", "r", 1, "ana", "2026-11-20")
    (row,) = standings(graph, shelf, picks={"a": pick})
    assert row.chosen == "sha256:abc"


def test_what_is_left_out_is_not_counted() -> None:
    graph = build([replace(step("a", x=1), skip=True), step("b", x=2)])
    assert standings(graph, Shelf())[0].recipe == "left out"
    assert views.counts(tallies(graph, Shelf()))["instances"] == 1


def test_folded_each_step_says_so_many_of_so_many() -> None:
    assert list(views.folded(tallies(film(3), Shelf()))) == [
        ("still", "0/3", "0/3", "", ""),
        ("clip", "0/3", "0/3", "", "3"),
        ("reel", "0/1", "0/1", "", "1"),
    ]
