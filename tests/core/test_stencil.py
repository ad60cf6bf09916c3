"""The canonical text of a request, put together from what its shape shares and what is its own."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

from build_steps import HOSTED, LOCAL, step
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.canon import dumps
from kinoform.core.manifest import (
    around_params,
    manifest,
    sources,
    spell,
    spelled,
    spelled_op,
    unspelled,
)
from kinoform.core.stencil import Filled, cut
from kinoform.core.types import Bytes, Derived, Identity, Ref

ODD = st.sampled_from(['"', "\\u0000", "\\", "%s", "{0}", "é", "1.0]", "e+5", "\u2028", "\x7f"])
TEXTS = st.text(max_size=6) | ODD
FIXED = st.none() | st.booleans() | st.integers() | st.sampled_from([1.0, 0.5, 1e22, -0.0]) | TEXTS
IDENTITIES: st.SearchStrategy[Identity] = st.builds(Bytes, TEXTS) | st.builds(Derived, TEXTS)
TAKES = st.integers(1, 3)


class Open:
    """A place for a text."""


LEAVES = FIXED | st.builds(Open) | st.builds(Ref, st.just("still"), index=st.integers(0, 9))
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
REQUESTS = st.dictionaries(TEXTS, TREES, max_size=4)


def _found(tree: Any, kind: type) -> list[Any]:
    """The leaves of a kind, in order."""
    if isinstance(tree, dict | list):
        items = tree.values() if isinstance(tree, dict) else tree
        return [leaf for item in items for leaf in _found(item, kind)]
    return [tree] if isinstance(tree, kind) else []


def _with(tree: Any, texts: dict[int, str]) -> Any:
    if isinstance(tree, dict):
        return {key: _with(item, texts) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_with(item, texts) for item in tree]
    return texts.get(id(tree), tree)


@given(REQUESTS, st.data(), TAKES, st.sampled_from([HOSTED, LOCAL]))
def test_both_ways_to_the_text_of_a_manifest_end_alike(
    shape: dict[str, Any], data: st.DataObject, take: int, op: Any
) -> None:
    holes, refs = _found(shape, Open), _found(shape, Ref)
    texts = [data.draw(TEXTS) for _ in holes]
    names = {ref: data.draw(IDENTITIES) for ref in refs}
    stencil = cut(shape, holes, refs)
    assert stencil is not None
    params = _with(shape, {id(hole): text for hole, text in zip(holes, texts, strict=True)})
    whole = replace(step("clip", op), params=params, inputs=sources(params))
    plain = manifest(whole, take, names.__getitem__)
    filled = Filled(params)
    filled.stencil, filled.texts = stencil, texts
    inputs = [spelled(names[ref]) for ref in refs]
    assert spell(filled, spelled_op(op), take, inputs) == dumps(plain)
    assert unspelled(replace(whole, params=filled), take, inputs) == plain


@given(REQUESTS, st.data(), TAKES)
def test_the_texts_of_many_requests_by_columns_are_those_of_each(
    shape: dict[str, Any], data: st.DataObject, take: int
) -> None:
    holes, refs = _found(shape, Open), _found(shape, Ref)
    stencil = cut(shape, holes, refs)
    assert stencil is not None
    rows = data.draw(st.lists(st.tuples(*(TEXTS for _ in (*holes, *refs))), min_size=1, max_size=4))
    if not rows[0]:  # without a hole there is nothing to tell rows by
        return
    columns = [[dumps(text) for text in column] for column in zip(*rows, strict=True)]
    each = []
    for row in rows:
        filled = Filled()
        filled.stencil, filled.texts = stencil, row[: len(holes)]
        each.append(spell(filled, spelled_op(LOCAL), take, [*map(dumps, row[len(holes) :])]))
    assert stencil.texts(columns, around_params(spelled_op(LOCAL), take)) == each


def test_a_request_without_its_holes_has_no_stencil() -> None:
    assert cut({"prompt": "a lamp"}, [Open()], []) is None
    hole = Open()
    assert cut({"prompt": hole, "again": hole}, [hole], []) is None


def test_what_is_made_of_a_request_knows_its_shape_no_more() -> None:
    stencil = cut({"prompt": "a lamp"}, [], [])
    assert stencil is not None
    filled = Filled({"prompt": "a lamp"})
    filled.stencil, filled.texts = stencil, []
    changed = (filled | {"seed": 1}, {**filled}, pickle.loads(pickle.dumps(filled)))  # noqa: S301  (our own bytes)
    assert [type(each) for each in changed] == [dict, dict, dict]
