"""The states of steps, and which run was the last."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_steps import Shelf, answer, film, step, still

from kinoform.core.decisions import Lot
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.standing import STATES, last_run, states
from kinoform.core.types import Event, Graph, Reason, Verdict
from kinoform.views import status


def _states(graph: Graph, shelf: Shelf, *failed: str, **world: object) -> dict[str, set[str]]:
    found, survey = plan(graph, shelf.world(**world), wish(graph))
    return {name: set(own) for name, own in states(found.decisions.lots, survey, failed).items()}


def _made(graph: Graph, shelf: Shelf) -> None:
    """Answer every key that is known, until all are."""
    while True:
        _, survey = plan(graph, shelf.world(), wish(graph))
        fresh = {key: node for node, key in survey.keys.items() if key not in shelf.results}
        if not fresh:
            return
        for key, node in fresh.items():
            kind = graph.steps[node[0]].op.kind
            shelf.results[key] = answer(key, survey.manifests[node], kind)


def test_a_new_film_is_missing_and_partly_waiting() -> None:
    found = _states(film(1), Shelf())
    assert found == {
        "still@s001": {"missing"},
        "clip@s001": {"missing", "waiting"},
        "reel": {"missing", "waiting"},
    }


def test_a_made_film_is_done() -> None:
    shelf = Shelf()
    _made(film(2), shelf)
    assert set(map(frozenset, _states(film(2), shelf).values())) == {frozenset({"done"})}


def test_what_has_bytes_of_an_older_recipe_is_stale() -> None:
    shelf = Shelf()
    shelf.results["old"] = answer("old", {})
    heads = {("still@s001", 1): "old"}
    assert _states(film(1), shelf, heads=heads)["still@s001"] == {"stale"}
    shelf.gone = {blob.digest for blob in shelf.results["old"].outputs}
    assert _states(film(1), shelf, heads=heads)["still@s001"] == {"missing"}


def test_a_purchase_whose_bytes_are_gone_is_lost_and_local_work_is_missing() -> None:
    graph, shelf = build([still("a"), step("b")]), Shelf()
    _made(graph, shelf)
    shelf.gone = {blob.digest for r in shelf.results.values() for blob in r.outputs}
    assert _states(graph, shelf) == {"a": {"lost"}, "b": {"missing"}}


def test_what_shares_a_request_is_done_only_once_that_is_made() -> None:
    graph = build([still("a", x=1), still("b", x=1)])
    assert _states(graph, Shelf())["b"] == {"missing"}


def test_a_step_is_done_when_all_its_takes_are() -> None:
    graph, shelf = build([replace(still("a"), takes=2)]), Shelf()
    _made(build([still("a")]), shelf)
    assert _states(graph, shelf)["a"] == {"missing"}
    _made(graph, shelf)
    assert _states(graph, shelf)["a"] == {"done"}


def test_what_failed_is_failed_until_it_is_made() -> None:
    graph, shelf = build([still("a")]), Shelf()
    assert _states(graph, shelf, "a")["a"] == {"missing", "failed"}
    _made(graph, shelf)
    assert _states(graph, shelf, "a")["a"] == {"done"}


@pytest.mark.parametrize(
    ("verdict", "reason", "expected"),
    [
        ("blocked", "refused", {"missing", "waiting", "failed"}),
        ("blocked", "partial", {"missing", "waiting", "failed"}),
        ("blocked", "gone", {"lost", "waiting"}),
        ("blocked", "lost", {"missing", "waiting"}),
        ("run", "under-way", {"missing", "under-way"}),
        ("pick", "pick", {"missing", "waiting"}),
        ("skip", "when", set()),
    ],
)
def test_a_verdict_and_its_reason_mean(verdict: Verdict, reason: str, expected: set[str]) -> None:
    graph = build([still("a")])
    _, survey = plan(graph, Shelf().world(), wish(graph))
    lot = Lot(graph.patterns[0], verdict, (Reason(reason),), None, [(0, 1)], ["a"], [""])
    assert states([lot], survey)["a"] == expected
    assert expected <= set(STATES)


def test_the_states_are_those_that_status_shows() -> None:
    graph, shelf = film(2), Shelf()
    _made(film(1), shelf)
    found, survey = plan(graph, shelf.world(), wish(graph))
    rows = status.standings(status.held(found.decisions.lots, survey), survey)
    mine = states(found.decisions.lots, survey)
    for row in rows:
        assert ("waiting" in mine[row.id]) == bool(row.waits)
        assert ("done" in mine[row.id]) == (row.present and bool(row.matches))


# The last run


def _event(run: str, kind: str, step: str = "", project: str = "film") -> Event:
    return Event(0.0, run, project, kind, step, 1 if step else 0)


def test_the_last_run_is_the_one_that_this_project_began_last() -> None:
    events = [
        _event("one", "run-started"),
        _event("one", "started", "a"),
        _event("one", "failed", "a"),
        _event("two", "run-started"),
        _event("other", "run-started", project="else"),
        _event("other", "blocked", "c", project="else"),
        _event("two", "started", "b"),
        _event("one", "run-ended"),
        _event("two", "failed", "b"),
    ]
    found = last_run(events, "film")
    assert {name: state.state for name, state in found.steps.items()} == {("b", 1): "failed"}
    assert last_run(events, "else").counts == {"blocked": 1}


def test_without_a_run_nothing_ended() -> None:
    assert not last_run([_event("x", "failed", "a")], "film").steps
