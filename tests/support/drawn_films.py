"""Films to select from: drawn graphs, states and expressions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from build_steps import step
from hypothesis import strategies as st

from kinoform.core.graph import build
from kinoform.core.select import Known
from kinoform.core.standing import STATES
from kinoform.core.types import Graph, Ref

ITEMS = ("s1", "s2", "s3")
NAMES = ("still", "clip", "reel")
TAGS = ("hero", "final")
IDS = [f"{name}@{item}" for name in NAMES for item in ITEMS]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Three steps over three shots; each may need any of those before it, some are tagged."""
    made = []
    for number, name in enumerate(IDS):
        needs = draw(st.sets(st.sampled_from(IDS[:number]), max_size=3)) if number else set[str]()
        params: dict[str, Any] = {f"in{n}": Ref(need) for n, need in enumerate(sorted(needs))}
        tags = draw(st.sets(st.sampled_from(TAGS), max_size=2))
        made.append(replace(step(name, mine=name, **params), tags=tuple(sorted(tags))))
    anchors = [replace(step(f"tagged-{tag}", mine=tag), tags=(tag,)) for tag in TAGS]
    return build([*made, *anchors])


def known() -> st.SearchStrategy[Known]:
    """Any states for some of the steps."""
    some = st.dictionaries(st.sampled_from(IDS), st.frozensets(st.sampled_from(STATES)))
    return st.builds(Known, some)


NAMED = st.sampled_from(
    [
        *NAMES,
        *ITEMS,
        "clip@s2",
        "clip@*",
        "*@s[12]",
        "tag:hero",
        "tag:*",
        "state:stale",
        "state:do*",
    ]
)
LEVELS = st.sampled_from(["", "+", "0+", "1+", "2+"])
TERMS = st.builds(lambda up, what, down: up + what + down[::-1], LEVELS, NAMED, LEVELS)
WORDS = st.lists(TERMS, min_size=1, max_size=3).map(",".join)
