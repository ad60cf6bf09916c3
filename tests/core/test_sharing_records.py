"""A record from elsewhere is believed only as far as it proves itself; nothing it says crashes us."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.ledger import RecordError, from_record, to_record
from kinoform.core.manifest import key_of
from kinoform.core.sharing import believed, kind_of, written
from kinoform.core.types import Blob, Facts, Result

MANIFEST: dict[str, Any] = {
    "kind": "action/1",
    "op": {"name": "acme/brush"},
    "params": {"prompt": "a lamp"},
    "take": 1,
}
KEY = key_of(MANIFEST)
BLOB = Blob(f"sha256:{'a' * 64}", 3, "image/png", Facts(16, 9))
GOOD = Result(KEY, "still@s010", 1, "acme/brush", "hosted", (BLOB,), MANIFEST, Decimal("0.03"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def record(**changes: Any) -> str:
    return json.dumps(to_record(GOOD) | changes)


def test_what_is_written_is_believed_and_marked_as_pulled() -> None:
    assert believed(KEY, written(GOOD)) == replace(GOOD, origin="pulled", grade="archived")


def test_a_grade_is_worked_out_and_not_taken_over() -> None:
    assert believed(KEY, record(grade="exact")).grade == "archived"
    assert believed(KEY, record(grade="seeded", seed=7)).grade == "seeded"


BAD: dict[str, dict[str, Any]] = {
    "another key": {"key": "0" * 64},
    "another manifest": {"manifest": MANIFEST | {"take": 2}},
    "no manifest": {"manifest": {}},
    "another op": {"op": "acme/other"},
    "another kind": {"kind": "local"},
    "another take": {"take": 2},
    "a newer version": {"schema": 99},
    "a negative price": {"paid": "-1"},
    "a price beyond all": {"paid": "1e30"},
    "a price with a long tail": {"paid": "9" * 5_000},
    "a control character": {"step": "still\x1b[2J"},
    "an endless name": {"task": "x" * 10_000},
    "no time": {"seconds": "nan"},
    "a path for a media type": {"outputs": [{"digest": BLOB.digest, "size": 3, "media": "image/../../x"}]},
    "a negative size": {"outputs": [{"digest": BLOB.digest, "size": -3, "media": "image/png"}]},
    "a path for a digest": {"outputs": [{"digest": "../../x", "size": 3, "media": "image/png"}]},
    "a width that is none": {
        "outputs": [{"digest": BLOB.digest, "size": 3, "media": "image/png", "facts": {"width": "9"}}]
    },
    "sound that is none": {
        "outputs": [{"digest": BLOB.digest, "size": 3, "media": "image/png", "facts": {"audio": "x"}}]
    },
}  # fmt: skip


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
def test_a_record_that_says_something_false_or_absurd_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        believed(KEY, record(**changes))


@given(st.text(max_size=200))
def test_any_text_is_refused_or_read(text: str) -> None:
    with suppress(RecordError):
        believed(KEY, text)


@given(st.dictionaries(st.sampled_from(sorted(to_record(GOOD))), JSON, max_size=4))
def test_any_field_may_be_anything_and_what_is_believed_can_be_recorded(
    changes: dict[str, Any],
) -> None:
    with suppress(RecordError):
        result = believed(KEY, record(**changes))
        assert result.key == KEY
        assert from_record(json.loads(json.dumps(to_record(result)))) == result


def test_the_kind_of_work_follows_from_the_name_of_the_op() -> None:
    assert [kind_of(name) for name in ("local/concat", "draft/sketch", "runware/a:b@c")] == [
        "local",
        "draft",
        "hosted",
    ]
