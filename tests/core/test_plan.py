"""Verdicts, reasons and prices, from results and bytes that are there or gone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from build_steps import Shelf, answer, film, step, still

from kinoform.core.graph import build
from kinoform.core.plan import lost, plan, wish
from kinoform.core.types import Graph, Ref

if TYPE_CHECKING:
    from kinoform.core.decisions import Plan


def _verdicts(found: Plan) -> dict[str, str]:
    return {d.step: d.verdict for d in found.decisions}


def _plan(graph: Graph, shelf: Shelf, *targets: str, **more: Any) -> Plan:
    return plan(graph, shelf.world(**more), wish(graph, [graph.index[t] for t in targets]))[0]


def _buy(graph: Graph, shelf: Shelf, body: str = "") -> None:
    """Answer every key that is known, until all are."""
    while True:
        survey = plan(graph, shelf.world(), wish(graph))[1]
        fresh = {n: k for n, k in survey.keys.items() if k not in shelf.results}
        if not fresh:
            return
        for (number, _), key in fresh.items():
            kind = graph.steps[number].op.kind
            shelf.results[key] = answer(key, survey.manifests[number, 1], kind, body)


def test_nothing_made_yet_runs_or_waits_and_the_price_is_a_range() -> None:
    found = _plan(film(2), Shelf())
    assert _verdicts(found) == {
        "still@s001": "run",
        "still@s002": "run",
        "clip@s001": "wait",
        "clip@s002": "wait",
        "reel": "wait",
    }
    assert found.price.floor == Decimal("0.06")
    assert found.price.expected == found.price.worst == Decimal("2.06")


def test_everything_made_is_reused_for_nothing() -> None:
    graph, shelf = film(3), Shelf()
    _buy(graph, shelf)
    found = _plan(graph, shelf)
    assert set(_verdicts(found).values()) == {"reuse"}
    assert found.price.worst == 0


def test_behind_a_local_step_the_key_is_known_before_it_runs() -> None:
    graph = build([step("cut", at=1), still("clip", first=Ref("cut"))])
    assert _verdicts(_plan(graph, Shelf())) == {"cut": "run", "clip": "run"}


def test_an_intermediate_that_nobody_needs_is_not_made_again() -> None:
    graph, shelf = (
        build(
            [
                still("a", x=1),
                replace(step("cut", v=Ref("a")), hidden=True),
                still("b", f=Ref("cut")),
            ]
        ),
        Shelf(),
    )
    _buy(graph, shelf)
    shelf.results = {k: r for k, r in shelf.results.items() if r.kind == "hosted"}
    assert _verdicts(_plan(graph, shelf)) == {"a": "reuse", "b": "reuse"}


def test_a_local_result_whose_bytes_are_gone_is_made_again() -> None:
    graph, shelf = build([step("note", text="x")]), Shelf()
    _buy(graph, shelf)
    shelf.gone = {b.digest for r in shelf.results.values() for b in r.outputs}
    (decision,) = _plan(graph, shelf).decisions
    assert (decision.verdict, decision.reasons[0].kind) == ("run", "bytes-gone")


def test_what_was_bought_and_is_gone_is_lost_and_never_bought_again() -> None:
    graph, shelf = film(1), Shelf()
    _buy(graph, shelf)
    still_key = next(k for k, r in shelf.results.items() if "shot s001" in str(r.manifest))
    shelf.gone = {shelf.results[still_key].outputs[0].digest}
    found, survey = plan(graph, shelf.world(), wish(graph))
    assert _verdicts(found) == {"still@s001": "lost", "clip@s001": "reuse", "reel": "reuse"}
    assert found.price.worst == 0
    assert lost(survey, found, wish(graph)) == ()


def test_something_that_must_run_on_a_lost_artifact_is_blocked() -> None:
    graph, shelf = film(1), Shelf()
    _buy(graph, shelf)
    clip = next(r for r in shelf.results.values() if "first" in str(r.manifest))
    shelf.gone = {clip.outputs[0].digest}
    del shelf.results[next(k for k, r in shelf.results.items() if r.kind == "local")]
    found, survey = plan(graph, shelf.world(), wish(graph))
    assert _verdicts(found) == {"still@s001": "reuse", "clip@s001": "lost", "reel": "blocked"}
    assert lost(survey, found, wish(graph)) == ("clip@s001",)


def test_a_lost_clip_of_a_chain_is_needed_although_its_last_frame_is_there() -> None:
    frame = replace(step("frame", v=Ref("a")), hidden=True)
    graph, shelf = build([still("a", x=1), frame, still("b", f=Ref("frame"))]), Shelf()
    _buy(graph, shelf)
    first = next(r for r in shelf.results.values() if "'x': 1" in str(r.manifest))
    shelf.gone = {first.outputs[0].digest}
    found, survey = plan(graph, shelf.world(), wish(graph))
    assert _verdicts(found)["a"] == "lost"
    assert lost(survey, found, wish(graph)) == ("a",)


def test_what_a_loss_blocks_is_not_in_the_sum_and_the_plan_says_so() -> None:
    graph, shelf = film(1), Shelf()
    survey = plan(graph, shelf.world(), wish(graph))[1]
    still_ = survey.graph.index["still@s001"], 1
    key = survey.keys[still_]
    shelf.results[key] = answer(key, survey.manifests[still_])
    shelf.gone = {shelf.results[key].outputs[0].digest}
    found = _plan(graph, shelf)
    assert _verdicts(found) == {"still@s001": "lost", "clip@s001": "blocked", "reel": "blocked"}
    (note,) = found.notes
    said = "not in the sum: 2 steps worth $1.00, blocked by what is lost or was refused"
    assert (note.code, note.message) == ("blocked-unpriced", said)


def test_a_lost_target_is_needed() -> None:
    graph, shelf = film(1), Shelf()
    _buy(graph, shelf)
    shelf.gone = {b.digest for r in shelf.results.values() for b in r.outputs if r.kind == "hosted"}
    want = wish(graph, [graph.index["still@s001"]])
    found, survey = plan(graph, shelf.world(), want)
    assert lost(survey, found, want) == ("still@s001",)


def test_an_identical_request_is_one_purchase() -> None:
    graph = build([still("a", prompt="x"), still("b", prompt="x")])
    found = _plan(graph, Shelf())
    assert _verdicts(found) == {"a": "run", "b": "reuse"}
    assert found.decisions[1].reasons[0].path == "a"
    assert found.price.expected == Decimal("0.03")


def test_takes_are_requests_of_their_own() -> None:
    graph = build([replace(still("a", prompt="x"), takes=3)])
    found = _plan(graph, Shelf())
    assert [(d.take, d.verdict) for d in found.decisions] == [(1, "run"), (2, "run"), (3, "run")]
    assert found.price.expected == Decimal("0.09")


def test_raising_takes_buys_the_difference_and_lowering_forgets_nothing() -> None:
    shelf = Shelf()
    one = still("a", prompt="x")
    _buy(build([replace(one, takes=3)]), shelf)
    _buy_more = _plan(build([replace(one, takes=5)]), shelf)
    assert [d.verdict for d in _buy_more.decisions] == ["reuse"] * 3 + ["run"] * 2
    assert _buy_more.price.expected == Decimal("0.06")


def test_a_review_holds_what_lies_behind_it_and_its_price_is_told_apart() -> None:
    graph = build(
        [replace(still("a"), gate="review"), still("b", x=Ref("a")), still("c", x=Ref("b"))]
    )
    found = _plan(graph, Shelf())
    assert _verdicts(found) == {"a": "run", "b": "pick", "c": "pick"}
    assert found.price.worst == Decimal("0.03")
    assert "$0.06" in found.notes[0].message


def test_a_model_file_that_changed_is_said_and_its_results_are_kept() -> None:
    shelf = Shelf()
    graph = build([still("a", prompt="x"), still("b", prompt="y")])
    _buy(graph, shelf)
    newer = [replace(s, op=replace(s.op, model_digest="sha256:ff")) for s in graph.steps]
    found = _plan(build(newer), shelf)
    assert set(_verdicts(found).values()) == {"reuse"}
    assert [n.code for n in found.notes] == ["model-changed"]
    assert "2 results" in found.notes[0].message


def test_an_unknown_price_is_named_and_never_zero() -> None:
    found = _plan(build([replace(still("a"), price=None)]), Shelf())
    assert found.unpriced == ("a",)
    assert found.decisions[0].price is None


def test_targets_bring_what_they_need_and_nothing_else() -> None:
    found = _plan(film(3), Shelf(), "clip@s002")
    assert _verdicts(found) == {"still@s002": "run", "clip@s002": "wait"}


def test_the_reason_of_an_edit_is_the_changed_words() -> None:
    shelf = Shelf()
    before = build([still("a", prompt="a teal sea")])
    _buy(before, shelf)
    heads = {("a", 1): next(iter(shelf.results))}
    after = build([still("a", prompt="a rust sea")])
    (decision,) = _plan(after, shelf, heads=heads).decisions
    assert (decision.reasons[0].old, decision.reasons[0].new) == ("a teal sea", "a rust sea")


def test_a_hosted_upstream_made_again_with_the_same_bytes_costs_nothing_downstream() -> None:
    shelf = Shelf()
    _buy(build([still("a", prompt="x"), still("b", i=Ref("a"))]), shelf, body="same")
    edited = build([still("a", prompt="y"), still("b", i=Ref("a"))])
    survey = plan(edited, shelf.world(), wish(edited))[1]
    shelf.results[survey.keys[0, 1]] = answer(survey.keys[0, 1], {}, body="same")
    assert _verdicts(_plan(edited, shelf)) == {"a": "reuse", "b": "reuse"}


def test_results_are_asked_for_in_batches_and_not_one_by_one() -> None:
    shelf = Shelf()
    _plan(film(200), shelf)
    assert shelf.questions <= 4


def test_two_plans_of_the_same_things_have_one_fingerprint() -> None:
    assert _plan(film(2), Shelf()).fingerprint == _plan(film(2), Shelf()).fingerprint
    assert _plan(film(2), Shelf()).fingerprint != _plan(film(3), Shelf()).fingerprint
