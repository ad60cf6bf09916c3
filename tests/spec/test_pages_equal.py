"""Compiled from its page, a model judges as the shipped file does, but for what that file adds."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import pytest
from drawn_requests import LEGAL, POOLS, SEEDS, write
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from model_pages import PAGE_OF, compiled, report
from shipped_models import O1, O3, THREE, WAVE, model, nothing

from kinoform.spec.judge import judge_wire
from kinoform.spec.outputs import expects
from kinoform.spec.price import price
from kinoform.spec.rules import as_schema

BATCH, BATCHES = 20, 100


def plain(name: str, request: Any) -> Any:
    """The request without what the shipped file lists under source.additions."""
    if name in (THREE, O1) and request.get("resolution") in ("1K", "2K"):
        return {**request, "resolution": request["resolution"].lower()}
    if name == WAVE and isinstance(request.get("element_list"), list):
        return {**request, "element_list": []}
    return request


def errors(name: str, request: Any, *, ours: bool) -> set[tuple[str, str]]:
    """Code and place of every violation, by the shipped file or by the compiled page."""
    found = judge_wire(model(name) if ours else compiled(PAGE_OF[name]), request)
    return {(f.code, f.path) for f in found if f.severity == "error"}


def drawn(name: str, random: Random) -> Any:
    """A request of the shipped file, changed in up to four fields; half of them kept tame."""
    good = len(model(name).document["examples"])
    tame = random.random() < 0.5
    request = json.loads(random.choice(SEEDS[name][:good] if tame else SEEDS[name]))
    for _ in range(random.randrange(5)):
        steps, value = random.choice(LEGAL[name] if tame else POOLS[name])
        write(request, steps, copy.deepcopy(value))
    rows = model(name).document["sizes"] if name != WAVE else []
    if rows and random.random() < 0.4:
        row = random.choice(rows)
        request |= {"width": row["width"], "height": row["height"]}
    if random.random() < 0.3 and request:
        request.pop(random.choice(sorted(request)))
    return request


@pytest.mark.parametrize("name", PAGE_OF)
@seed(20261120)
@settings(max_examples=BATCHES, database=None)
@given(number=st.integers(min_value=0))
def test_two_thousand_changed_requests_get_the_same_verdict(name: str, number: int) -> None:
    random = Random(number)
    for _ in range(BATCH):
        request = plain(name, drawn(name, random))
        assert errors(name, request, ours=True) == errors(name, request, ours=False), request


@pytest.mark.parametrize("name", PAGE_OF)
def test_changed_requests_are_of_both_kinds(name: str) -> None:
    random = Random(7)
    requests = [plain(name, drawn(name, random)) for _ in range(1000)]
    right = sum(not errors(name, request, ours=True) for request in requests)
    assert 100 < right < 900


@pytest.mark.parametrize("name", PAGE_OF)
def test_every_example_and_refusal_of_the_shipped_file_gets_its_verdict(name: str) -> None:
    for text in SEEDS[name]:
        request = plain(name, json.loads(text))
        assert errors(name, request, ours=True) == errors(name, request, ours=False), text[:300]


@pytest.mark.parametrize("name", PAGE_OF)
def test_classes_and_portable_names_are_those_of_the_shipped_file(name: str) -> None:
    found = compiled(PAGE_OF[name]).document
    for part in ("id", "title", "classes", "portable"):
        assert found[part] == model(name).document[part], part
    assert found["source"]["page"] == model(name).document["source"]["page"]
    assert set(found["media"]) == set(model(name).document["media"])
    for path, field in found["media"].items():
        assert field.items() <= model(name).document["media"][path].items()


@pytest.mark.parametrize("name", [O3, THREE, O1])
def test_sizes_outputs_and_examples_are_those_of_the_shipped_file(name: str) -> None:
    found = compiled(PAGE_OF[name]).document
    for part in ("sizes", "outputs", "examples"):
        assert found[part] == model(name).document[part], part


@pytest.mark.parametrize("name", PAGE_OF)
def test_right_requests_cost_the_same_as_by_the_shipped_file(name: str) -> None:
    random = Random(11)
    requests = [plain(name, drawn(name, random)) for _ in range(500)]
    for request in (each for each in requests if not errors(name, each, ours=True)):
        costs = [
            price(each, request, expects(each, request, nothing), nothing)
            for each in (model(name), compiled(PAGE_OF[name]))
        ]
        assert costs[0] == costs[1] is not None, request


@pytest.mark.parametrize("name", PAGE_OF)
def test_what_a_rule_says_the_request_schema_of_a_compiled_file_says_too(name: str) -> None:
    document = compiled(PAGE_OF[name]).document
    written = [
        {k: v for k, v in e.items() if k != "x-rule"} for e in document["request"].get("allOf", ())
    ]
    assert written == [as_schema(rule, document.get("sizes", ())) for rule in document["rules"]]


@pytest.mark.parametrize("name", [O3, THREE, O1])
def test_nothing_of_a_seed_page_stays_unknown(name: str) -> None:
    assert report(PAGE_OF[name]).unknown == ()


def test_the_call_that_lacks_its_own_prompt_is_refused_and_told() -> None:
    document = compiled(PAGE_OF[WAVE]).document
    (bad,) = document["refused"]
    assert (bad["breaks"], bad["path"]) == ("missing", "prompt")
    assert document["examples"] == []
    assert any("curl" in note.says for note in report(PAGE_OF[WAVE]).dropped)
