"""A gist is read out of the text of a record, and says what the record read as a whole says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core import canon
from kinoform.core.gists import gists
from kinoform.core.ledger import RecordError, from_record, to_record
from kinoform.core.types import Facts
from kinoform.testing.ledger_suite import make_result

if TYPE_CHECKING:
    from kinoform.core.types import Result

PLAIN = make_result("plain", outputs=make_result("plain").outputs[:1])
END = canon.dumps(to_record(PLAIN)).partition(',"model_digest":')[2]
# Texts that look like a part of a record, and texts that have to be escaped in one.
ODD = st.sampled_from(["", '"', "\\", "}\n", f',"model_digest":{END}', END, '"}', "ünïcode"])
FACTS = st.sampled_from([Facts(), Facts(1920, 1080), Facts(seconds=5.25, audio=False)])


@st.composite
def results(draw: st.DrawFn) -> Result:
    """One that differs from a plain one where a reader could go astray."""
    few = draw(st.integers(0, 2))
    outputs = [replace(b, media=draw(ODD), facts=draw(FACTS)) for b in make_result(few).outputs]
    named = {name: draw(ODD) for name in ("step", "op", "model_digest", "task", "tool")}
    manifest = {draw(ODD): draw(ODD), "outputs": [{"model_digest": draw(ODD)}]}
    seed, seconds = draw(st.sampled_from([None, 7])), draw(st.sampled_from([0.0, 1.5, 1e-7, 1e22]))
    return make_result(
        few, outputs=tuple(outputs[:few]), manifest=manifest, seed=seed, seconds=seconds, **named
    )


@given(st.lists(results(), max_size=4))
def test_a_gist_is_what_the_whole_record_says(drawn: list[Result]) -> None:
    texts = [canon.dumps(to_record(result)) for result in drawn]
    rows = [(str(number), text) for number, text in enumerate(texts)]
    whole = {key: from_record(json.loads(text)).gist for key, text in rows}
    assert gists(rows) == whole


def test_a_record_that_another_version_wrote_is_read_as_a_whole() -> None:
    record = to_record(PLAIN) | {"usage": {"outputs": [], "model_digest": "of something else"}}
    spread = json.dumps(to_record(PLAIN), indent=1)
    assert gists([("a", canon.dumps(record)), ("b", spread)]) == {"a": PLAIN.gist, "b": PLAIN.gist}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"outputs":{}}', '{"outputs":[1]}'])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        gists([("a", canon.dumps(to_record(PLAIN))), ("b", text)])


@pytest.mark.parametrize("digits", ["g" * 64, "A" * 64, "é" * 64, f"sha256:{'0' * 57}"])
def test_what_is_no_digest_is_refused_among_those_that_are(digits: str) -> None:
    (blob,) = PLAIN.outputs
    text = canon.dumps(to_record(PLAIN))
    with pytest.raises(RecordError, match="not a sha256 digest"):
        gists([("a", text), ("b", text.replace(blob.digest, f"sha256:{digits}"))])
