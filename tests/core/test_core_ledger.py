"""Records keep what results say; the fold of events is the state of a run."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core import canon
from kinoform.core.ledger import (
    MONEY_KINDS,
    RECORD,
    RecordError,
    durable,
    from_record,
    key_of,
    schema_of,
    to_record,
)
from kinoform.core.run_state import fold
from kinoform.core.states import MOVES, RUN_KINDS, STEP_KINDS, State
from kinoform.core.types import Blob, Event, Facts, Grade, Kind, Result
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
FLOAT = st.floats(0, 1e9, allow_nan=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | FLOAT | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
FACTS = st.builds(
    Facts,
    st.none() | st.integers(1, 9_999),
    st.none() | st.integers(1, 9_999),
    st.none() | FLOAT,
    st.none() | FLOAT,
    st.none() | st.booleans(),
)
BLOBS = st.builds(Blob, HEX.map("sha256:{}".format), st.integers(0, 2**50), TEXT, FACTS)
RESULTS = st.builds(
    Result,
    key=HEX,
    step=TEXT,
    take=st.integers(1, 99),
    op=TEXT,
    kind=st.sampled_from(get_args(Kind)),
    outputs=st.lists(BLOBS, max_size=3).map(tuple),
    manifest=st.dictionaries(TEXT, JSON, max_size=3),
    paid=st.decimals(0, 1_000_000, places=6),
    seconds=FLOAT,
    seed=st.none() | st.integers(0, 2**63),
    origin=TEXT,
    grade=st.sampled_from(get_args(Grade)),
    model_digest=TEXT,
    task=TEXT,
    tool=TEXT,
)
KINDS = st.sampled_from(sorted({kind for row in MOVES.values() for kind in row}))


@given(RESULTS)
def test_a_result_comes_back_from_its_record_as_it_was(result: Result) -> None:
    assert from_record(json.loads(canon.dumps(to_record(result)))) == result


@given(RESULTS)
def test_a_record_that_is_read_and_written_again_is_the_same_text(result: Result) -> None:
    text = canon.dumps(to_record(result))
    assert canon.dumps(to_record(from_record(json.loads(text)))) == text


@given(RESULTS)
def test_a_record_that_is_put_together_has_the_text_that_it_would_be_written_in(
    result: Result,
) -> None:
    told = canon.Written(result.manifest)
    told.text = canon.dumps(result.manifest)
    record = to_record(replace(result, manifest=told))
    assert isinstance(record, canon.Written)
    assert record == to_record(result)
    assert record.text == canon.dumps(dict(record))
    assert type(copy.deepcopy(record)) is dict


def test_money_is_text_and_keeps_its_digits() -> None:
    record = to_record(make_result("a", paid=Decimal("0.0300")))
    assert record["paid"] == "0.0300"
    assert record["schema"] == RECORD


def test_facts_that_are_not_known_are_left_out() -> None:
    (_, blob) = to_record(make_result("a"))["outputs"]
    assert blob["facts"] == {}


def test_keys_of_a_later_version_are_passed_over() -> None:
    record = to_record(make_result("a")) | {"watermark": {"by": "x"}}
    record["outputs"][0] |= {"colour": "bt709"}
    record["outputs"][0]["facts"] |= {"rotation": 90}
    assert from_record(record) == make_result("a")


def test_a_record_without_the_optional_fields_is_read() -> None:
    full = to_record(make_result("a"))
    names = ("key", "step", "take", "op", "kind", "outputs", "manifest")
    result = from_record({name: full[name] for name in names})
    assert (result.paid, result.origin, result.seed) == (Decimal(0), "made", None)


@pytest.mark.parametrize(
    "change",
    [
        {"key": None},
        {"take": "1"},
        {"kind": "guessed"},
        {"outputs": {}},
        {"outputs": ["sha256:00"]},
        {"outputs": [{"digest": "../../etc", "size": 1, "media": "image/png"}]},
        {"outputs": [{"digest": "sha256:" + "0" * 64, "size": 1, "media": "x", "facts": 3}]},
        {"manifest": []},
        {"paid": "NaN"},
        {"paid": "much"},
        {"paid": None},
        {"seconds": "long"},
        {"seconds": []},
        {"seed": "x"},
    ],
)
def test_a_record_that_cannot_be_read_says_so(change: dict[str, Any]) -> None:
    record = to_record(make_result("a")) | change
    for read in (from_record, key_of):
        with pytest.raises(RecordError):
            read(record)


@given(RESULTS)
def test_the_key_of_a_record_is_that_of_its_result(result: Result) -> None:
    assert key_of(to_record(result)) == result.key


@given(JSON)
def test_no_data_at_all_breaks_the_reader(data: Any) -> None:
    full = to_record(make_result("a"))
    blob = full["outputs"][0] | {"facts": data}
    for change in ({"outputs": data, "paid": data}, {"outputs": [data]}, {"outputs": [blob]}):
        record = full | change
        key = None
        with suppress(RecordError):
            key = from_record(record).key
        told = None
        with suppress(RecordError):
            told = key_of(record)
        assert told == key
    with suppress(RecordError):
        from_record(data)


def test_data_that_claims_no_version_is_of_the_first() -> None:
    assert schema_of({}) == schema_of({"schema": "x"}) == 1
    assert schema_of({"schema": 7}) == 7


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (make_event("started"), False),
        (make_event("intent"), True),
        (make_event("ack"), True),
        (make_event("sample"), True),
        (make_event("parked"), True),
        (result_event(make_result("a", kind="hosted", paid=Decimal(0))), True),
        (result_event(make_result("a", kind="local", paid=Decimal(0))), False),
        (result_event(make_result("a", kind="draft", paid=Decimal(0))), False),
        (result_event(make_result("a", kind="local", paid=Decimal("0.01"))), True),
        (make_event("failed", data={"paid": "0.03"}), True),
        (make_event("failed", data={"paid": "0.00"}), False),
        (make_event("failed", data={"paid": "unreadable"}), True),
        (make_event("failed", data={"paid": 0}), False),
    ],
)
def test_what_is_about_money_is_synced(event: Event, expected: bool) -> None:  # noqa: FBT001  (a parameter of a table)
    assert durable(event) is expected


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
