"""Validation that does not cost: validators compiled once, requests judged once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped_models import O3, PRO, changed, model, shipped

from kinoform.core.types import Data, File, Late, Ref, Url
from kinoform.spec import judge as judging
from kinoform.spec.verdicts import MOST, Verdicts, mark_of
from kinoform.stores.memory import MemoryIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.spec.catalog import Model
    from kinoform.spec.fields import Finding

GOOD = {"positivePrompt": "a stair", "width": 1360, "height": 768}
BAD = {**GOOD, "width": 1}
LATER = Late((Ref("still"),), lambda _: 5)


class Counted:
    """The judge, with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def __call__(self, model: Model, request: Mapping[str, Any]) -> tuple[Finding, ...]:
        self.asked.append(request)
        return judging.judge(model, request)


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_a_request_that_was_right_is_not_judged_again(counted: Counted) -> None:
    verdicts = Verdicts(MemoryIndex(), counted)
    assert [verdicts(model(O3), dict(GOOD)) for _ in range(3)] == [(), (), ()]
    assert len(counted.asked) == 1


def test_another_process_does_not_judge_it_again_either(counted: Counted) -> None:
    index = MemoryIndex()
    first = Verdicts(index)
    first(model(O3), GOOD)
    first.flush()
    assert Verdicts(index, counted)(model(O3), dict(reversed(GOOD.items()))) == ()
    assert counted.asked == []


def test_a_request_that_is_wrong_is_judged_each_time_for_its_words(counted: Counted) -> None:
    index = MemoryIndex()
    verdicts = Verdicts(index, counted)
    assert verdicts(model(O3), BAD) == verdicts(model(O3), BAD) != ()
    verdicts.flush()
    assert Verdicts(index, counted)(model(O3), BAD) != ()
    assert len(counted.asked) == 3


def test_a_warning_is_said_each_time(counted: Counted) -> None:
    verdicts = Verdicts(MemoryIndex(), counted)
    warned = {**GOOD, "inputs": {"referenceImages": ["a"] * 11}}
    assert [f.severity for f in verdicts(model(O3), warned)] == ["warning"]
    assert verdicts(model(O3), warned)


def test_a_model_file_that_changed_judges_anew(counted: Counted) -> None:
    index = MemoryIndex()
    first = Verdicts(index, counted)
    first(model(O3), GOOD)
    first.flush()
    assert Verdicts(index, counted)(changed(O3, sizes=[], title="Another"), GOOD) != ()
    assert len(counted.asked) == 2


@pytest.mark.parametrize("text", ["", "x", "z" * 31, "not marks at all, but some text", "\ud800"])
def test_an_index_that_lies_or_breaks_costs_a_judging_only(counted: Counted, text: str) -> None:
    index = MemoryIndex()
    index.put({f"judged:{judging.JUDGE}:{model(O3).digest}": text})
    assert Verdicts(index, counted)(model(O3), BAD) != ()
    assert Verdicts(index, counted)(model(O3), GOOD) == ()
    assert len(counted.asked) == 2


def test_no_more_is_kept_than_a_film_needs(counted: Counted) -> None:
    index, name = MemoryIndex(), f"judged:{judging.JUDGE}:{model(O3).digest}"
    index.put({name: "".join(f"{n:032x}" for n in range(MOST))})
    verdicts = Verdicts(index, counted)
    verdicts(model(O3), GOOD)
    verdicts.flush()
    kept = index.get(name) or ""
    assert len(kept) == MOST * 32
    assert kept.endswith(str(mark_of(GOOD)))
    assert not kept.startswith(f"{0:032x}")


def test_which_picture_it_is_changes_no_verdict_but_that_it_is_one_does() -> None:
    def with_prompt(value: Any) -> str | None:
        return mark_of({**GOOD, "positivePrompt": value})

    assert with_prompt(Ref("a")) == with_prompt(Ref("b"))
    kinds = [Ref("a"), File("a"), Url("https://a"), Data("data:,"), LATER, None, "a", "Ref"]
    assert len({with_prompt(kind) for kind in kinds}) == len(kinds)
    moved = [{"a": Ref("x"), "b": None}, {"a": None, "b": Ref("x")}]
    assert len(set(map(mark_of, moved))) == 2


@pytest.mark.parametrize("odd", [float("nan"), {1: 2, "a": 3}, object(), {"a", "b"}])
def test_what_no_canonical_text_can_hold_is_judged_each_time(counted: Counted, odd: Any) -> None:
    verdicts = Verdicts(MemoryIndex(), counted)
    assert verdicts(model(O3), {**GOOD, "numberResults": odd})
    assert verdicts(model(O3), {**GOOD, "numberResults": odd})
    assert len(counted.asked) == 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "1"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(one=VALUES, other=VALUES)
def test_two_requests_share_a_mark_only_if_they_are_one(one: Any, other: Any) -> None:
    same = repr(_sorted(one)) == repr(_sorted(other))
    assert (mark_of({"v": one}) == mark_of({"v": other})) == same


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def test_the_validators_of_a_model_are_compiled_once() -> None:
    for each in shipped().values():
        assert judging.law(each) is judging.law(each)
    before = judging.law.cache_info()
    for _ in range(5):
        judging.judge(model(PRO), {"positivePrompt": "x"})
        judging.judge_wire(model(PRO), {"positivePrompt": "x"})
    after = judging.law.cache_info()
    assert after.misses == before.misses
    assert after.currsize == before.currsize


COUNT_COMPILED = """
import sys
from kinoform.spec import jsonschemas
compiled, validator = [], jsonschemas.validator
def counting(schema):
    compiled.append(schema.get("description", schema.get("title")))
    return validator(schema)
jsonschemas.validator = counting
from kinoform.api.project import Project
from pathlib import Path
steps = Project.open(Path(sys.argv[1])).compiled.steps
tasks = [name for name in compiled if name and name.startswith(("One Kling", "The body"))]
print(len(steps), len(tasks), len(set(tasks)))
"""


def test_a_film_of_many_right_requests_compiles_no_validator(tmp_path: Any) -> None:
    """Counted from outside, in a process of its own: what is right is seen to be without."""
    shots = "".join(f"  s{n:03}: {{does: thing {n}}}\n" for n in range(50))
    (tmp_path / "pipeline.yaml").write_text(
        f"kinoform: 1\nname: many\nshots:\n{shots}steps:\n"
        f"  still: {{uses: '{O3}', foreach: shots, "
        'with: {prompt: "{{ shot.does }}", size: "1K 16:9"}}\n'
        f"  clip: {{uses: '{PRO}', foreach: shots, "
        'with: {prompt: "{{ shot.does }}", first_frame: "${{ out.still }}"}}\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", COUNT_COMPILED, str(tmp_path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["100", "0", "0"]
