"""What the events of a run add up to: where each take stands, what was paid, what was illegal."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.ledger import MONEY_KINDS
from kinoform.core.run_state import fold
from kinoform.core.states import MOVES, RUN_KINDS, STEP_KINDS, State
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event

if TYPE_CHECKING:
    from kinoform.core.types import Event

KINDS = st.sampled_from(sorted({kind for row in MOVES.values() for kind in row}))


def story(*kinds: str, **changes: Any) -> list[Event]:
    return [make_event(kind, at=float(at), **changes) for at, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["started"], "started"),
        (["started", "result"], "done"),
        (["started", "result", "published"], "done"),
        (["started", "failed"], "failed"),
        (["started", "failed", "started", "result"], "done"),
        (["head"], "reused"),
        (["head", "published"], "reused"),
        (["blocked"], "blocked"),
        (["skipped"], "skipped"),
        (["waiting"], "waiting"),
        (["started", "waiting"], "waiting"),
        (["lost"], "lost"),
    ],
)
def test_a_step_moves_by_the_table(kinds: list[str], state: State) -> None:
    run = fold(story(*kinds))
    assert run.steps["clip@s020", 1].state == state
    assert run.counts == {state: 1}
    assert run.illegal == ()


def test_a_run_knows_its_times_keys_and_sums() -> None:
    result = make_result("a", paid=Decimal("0.56"))
    run = fold(
        [
            make_event("run-started", at=1.0, step="", take=0),
            make_event("started", at=2.0),
            make_event("failed", at=3.0, data={"code": "moderation", "paid": "0.04"}),
            make_event("started", at=3.5, take=2),
            result_event(result, at=4.0, take=2),
            make_event("published", at=5.0, take=2),
            make_event("head", at=6.0, step="still@s020", key=make_key("b")),
            make_event("run-ended", at=7.0, step="", take=0),
        ]
    )
    assert (run.run, run.started, run.ended, run.paid) == ("run-1", 1.0, 7.0, Decimal("0.60"))
    assert run.counts == {"done": 1, "failed": 1, "reused": 1}
    done = run.steps["clip@s020", 2]
    assert (done.key, done.started, done.at) == (result.key, 3.5, 5.0)
    assert run.steps["clip@s020", 1].data["code"] == "moderation"
    assert run.steps["still@s020", 1].key == make_key("b")


def test_an_illegal_move_is_flagged_and_changes_nothing_but_the_money() -> None:
    events = [*story("started"), result_event(make_result("a")), make_event("started")]
    twice = [*events, result_event(make_result("a", paid=Decimal(1)))]
    run = fold(twice)
    assert run.steps == fold(events[:2]).steps
    assert [(flag.event, flag.state) for flag in run.illegal] == [
        (twice[2], "done"),
        (twice[3], "done"),
    ]
    assert run.paid == Decimal("1.560")


def test_an_amount_that_cannot_be_read_is_flagged() -> None:
    run = fold([make_event("started"), make_event("failed", data={"paid": "lots"})])
    assert run.steps["clip@s020", 1].state == "failed"
    assert len(run.illegal) == 1
    assert run.paid == 0


def test_kinds_of_a_later_version_are_passed_over() -> None:
    assert fold([make_event("dreamt"), *story("started")]) == fold(story("started"))


def test_moves_of_tasks_change_no_step_and_none_is_a_move_of_steps() -> None:
    assert not MONEY_KINDS & set(STEP_KINDS | RUN_KINDS)
    steps = [make_event("started"), result_event(make_result("a"))]
    moves = [make_event(kind, data={"intent": "1"}) for kind in sorted(MONEY_KINDS)]
    assert fold([*moves, steps[0], *moves, steps[1], *moves]) == fold(steps)


def test_money_of_a_task_is_counted_once_with_its_result_or_without_one() -> None:
    bought = result_event(make_result("a", paid=Decimal("0.56")))
    task = {"intent": "1", "paid": "0.04"}
    run = fold(
        [
            make_event("started"),
            make_event("intent", data={"intent": "1", "reserve": "9.99"}),
            make_event("sample", data={"intent": "1", "samples": [{"cost": "0.56"}]}),
            replace(bought, data={**bought.data, "intent": "1"}),
            *(make_event(k, take=2, data=task) for k in ("partial", "refused", "broken", "gone")),
            make_event("settle", take=2, data={"intent": "1", "paid": "lots"}),
        ]
    )
    assert run.paid == Decimal("0.72")
    assert [flag.event.kind for flag in run.illegal] == ["settle"]
    assert list(run.steps) == [("clip@s020", 1)]


def test_no_events_are_an_empty_run() -> None:
    run = fold([])
    assert (run.run, run.started, run.steps, run.counts) == ("", None, {}, {})


@given(st.lists(st.tuples(KINDS, st.integers(1, 3)), max_size=30))
def test_counts_are_those_of_the_steps_and_states_only_those_of_the_table(
    moves: list[tuple[str, int]],
) -> None:
    events = [make_event(kind, take=take) for kind, take in moves]
    run = fold(events)
    assert sum(run.counts.values()) == len(run.steps)
    assert set(run.counts) <= set(MOVES) - {"planned"}


@given(st.lists(st.tuples(KINDS, st.integers(1, 2)), max_size=20))
def test_leaving_the_flagged_events_out_leads_to_the_same_steps(
    moves: list[tuple[str, int]],
) -> None:
    events = [make_event(kind, take=take, at=float(i)) for i, (kind, take) in enumerate(moves)]
    run = fold(events)
    flagged = {flag.event.at for flag in run.illegal}
    clean = fold([event for event in events if event.at not in flagged])
    assert (clean.steps, clean.illegal) == (run.steps, ())


def test_a_long_run_is_folded() -> None:
    base = make_event("started")
    events = [
        replace(base, kind=kind, step=f"still@s{i}")
        for i in range(10_000)
        for kind in ("started", "result", "published")
    ]
    assert fold(events).counts == {"done": 10_000}
