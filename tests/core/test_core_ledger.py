"""Records keep what results say; what is about money is synced."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kinoform.core import canon
from kinoform.core.ledger import (
    RECORD,
    RecordError,
    durable,
    from_record,
    key_of,
    schema_of,
    to_record,
)
from kinoform.core.types import Blob, Event, Facts, Grade, Kind, Result
from kinoform.testing.ledger_suite import make_event, make_result, result_event

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


@given(RESULTS)
def test_a_result_comes_back_from_its_record_as_it_was(result: Result) -> None:
    assert from_record(json.loads(canon.dumps(to_record(result)))) == result


@given(RESULTS)
def test_a_record_that_is_read_and_written_again_is_the_same_text(result: Result) -> None:
    text = canon.dumps(to_record(result))
    assert canon.dumps(to_record(from_record(json.loads(text)))) == text


@given(RESULTS)
@example(make_result("a", tool="\0"))
@example(make_result("%s", tool="%s", task='"key":"\0"'))
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
