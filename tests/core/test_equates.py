"""What counts as the same: a line each, led through one after another, taken back without a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from build_steps import Shelf, answer, film
from hypothesis import given, settings
from hypothesis import strategies as st

from kinoform.core import equates
from kinoform.core.equates import Equate, Older, Side, ways
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Bytes, Derived

if TYPE_CHECKING:
    from kinoform.core.survey import Survey
    from kinoform.core.types import Graph

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
SIDES = st.builds(Side, HEX.map("sha256:{}".format), st.just("") | HEX)
WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), max_size=20)
EQUATES = st.builds(Equate, st.just("still@s001"), SIDES, SIDES, WORDS, st.just("today"), WORDS)


def _equate(new: str, old: str) -> Equate:
    return Equate("x", Side(new), Side(old), "ana", "today")


@given(EQUATES)
def test_a_line_comes_back_as_the_record(equate: Equate) -> None:
    assert equates.read("still@s001", equates.line(equate) + "\n") == equate


@pytest.mark.parametrize("text", ["", "equate", f"equate sha256:{'a' * 64} | ana | today"])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an equate reads"):
        equates.read("still", text)


def test_one_leads_to_the_next_and_a_circle_ends() -> None:
    older = Older([_equate("c", "b"), _equate("b", "a"), _equate("a", "c")])
    chain = older.chain([(Bytes("c"), ())])
    assert [identity for identity, _ in chain] == [Bytes("c"), Bytes("b"), Bytes("a")]
    assert [len(by) for _, by in chain] == [0, 1, 2]


def test_what_is_made_here_counts_by_its_derivation_too() -> None:
    older = Older([Equate("x", Side("new", "k2"), Side("old", "k1"), "ana", "today")])
    for name in (Bytes("new"), Derived("k2")):
        found = [identity for identity, _ in older.chain([(name, ())])]
        assert found == [name, Bytes("old"), Derived("k1")]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_every_way_is_tried_once_the_nearest_first(lengths: list[int]) -> None:
    chains = [[(Bytes(str(n)), ()) for n in range(length)] for length in lengths]
    found = list(ways(chains))
    assert len(set(found)) == len(found)
    assert found[0] == tuple(0 for _ in lengths)
    assert tuple(length - 1 for length in lengths) in found
    near = found[:-1]
    assert [sum(way) for way in near] == sorted(sum(way) for way in near)
    assert all(n < length for way in found for n, length in zip(way, lengths, strict=True))


def _buy(graph: Graph, shelf: Shelf) -> Survey:
    """Answer every key that is known, until all are."""
    while True:
        survey = plan(graph, shelf.world(), wish(graph))[1]
        fresh = {n: k for n, k in survey.keys.items() if k not in shelf.results}
        if not fresh:
            return survey
        for (number, _), key in fresh.items():
            kind = graph.steps[number].op.kind
            shelf.results[key] = answer(key, survey.manifests[number, 1], kind)


def _digest(survey: Survey, name: str) -> str:
    result = survey.result((survey.graph.index[name], 1))
    assert result is not None
    return result.outputs[0].digest


@settings(max_examples=30)
@given(st.sets(st.integers(1, 4)), st.sets(st.integers(1, 4)))
def test_what_was_said_keeps_just_what_follows_and_taken_back_leaves_no_trace(
    said: set[int], back: set[int]
) -> None:
    shelf, before = Shelf(), film(4)
    old = _buy(before, shelf)
    stills = [
        replace(s, params={"prompt": f"{s.params['prompt']}, anew"}) for s in before.steps[:4]
    ]
    after = build([*stills, *before.steps[4:]])
    for number, one in enumerate(stills):
        survey = plan(after, shelf.world(), wish(after))[1]
        key = survey.keys[after.index[one.id], 1]
        shelf.results[key] = answer(key, survey.manifests[number, 1])
    new = plan(after, shelf.world(), wish(after))[1]
    names = {n: f"still@s{n:03}" for n in range(1, 5)}
    every = {n: _equate(_digest(new, name), _digest(old, name)) for n, name in names.items()}

    def planned(numbers: set[int]) -> tuple[str, set[int]]:
        world = shelf.world(equates=tuple(every[n] for n in sorted(numbers)))
        found = plan(after, world, wish(after))[0]
        runs = {d.step for d in found.decisions if d.verdict == "run"}
        return found.fingerprint, {n for n in every if f"clip@s{n:03}" in runs}

    assert planned(said)[1] == set(every) - said
    assert planned(said - back) == planned(said - (said & back))
    assert planned(said - said) == planned(set())


def test_what_was_made_from_the_new_bytes_goes_before_what_was_made_from_the_old() -> None:
    shelf, graph = Shelf(), film(1)
    old = _buy(graph, shelf)
    one = replace(graph.steps[0], params={"prompt": "anew"})
    anew = build([one, *graph.steps[1:]])
    new = _buy(anew, shelf)
    world = shelf.world(equates=(_equate(_digest(new, "still@s001"), _digest(old, "still@s001")),))
    survey = plan(anew, world, wish(anew))[1]
    assert survey.keys == new.keys
    assert survey.equated == {}
