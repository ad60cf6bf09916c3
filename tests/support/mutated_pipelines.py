"""One pipeline that uses every key, and a strategy that damages it in a few places."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD: dict[str, Any] = {
    "kinoform": 1,
    "name": "lamp",
    "include": ["a.yaml"],
    "vars": {"fps": 24, "deep": {"x": [1]}},
    "models": {"a": "p/m", "b": {"any": ["p/m", "q/n"], "prefer": "first"}},
    "characters": {"m": {"look": "x", "omit": True}},
    "styles": {"ink": "gouache", "oil": {"look": "thick"}},
    "shots": {"from": "shots.csv", "key": "id", "text": ["take"]},
    "data": {"markets": {"fr": 1, "de": {"omit": False}}, "ratios": {"from": "r/*.yaml"}},
    "steps": {
        "still": {
            "uses": "a", "with": {"prompt": "x", "n": [1, {"y": None}]}, "foreach": "shots", "when": "${{ x }}",
            "takes": 3, "pick": "review", "needs": ["b"], "tags": ["t"], "timeout": "90s",
        },
        "b": {"uses": "local/x", "foreach": {"m": "data.markets"}, "when": False, "timeout": 1.5},
    },
    "exports": [{"as": "file", "of": "still", "to": "x.mp4"}],
    "budget": {"run": 1, "total": 2.5, "ask_above": 0},
    "profiles": {"final": {"vars": {"fps": 25}, "models": {"a": {"prefer": "cheapest"}}, "budget": {"run": 1}}},
    "moved": [{"from": "a@b", "to": "a@c"}],
}  # fmt: skip
WORDS = [
    "",
    "x",
    "first",
    "file",
    "p/m",
    "${{ x }}",
    "{{ x }}",
    "90s",
    "shots",
    "a b\n",
    "from",
    "1.5h",
]
LEAVES = st.sampled_from([None, True, False, 0, 1, 1.0, 1.5, -1, 2**70, *WORDS])
VALUES = (
    LEAVES
    | st.lists(LEAVES, max_size=2)
    | st.dictionaries(st.sampled_from(WORDS), LEAVES, max_size=2)
)


def containers(value: Any) -> Iterator[Any]:
    """Every map and list of the tree that is not empty."""
    if isinstance(value, dict | list) and value:
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The good file with a few values replaced, removed, added or moved elsewhere."""
    tree = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        places = list(containers(tree))
        place = draw(st.sampled_from(places))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        act = draw(st.sampled_from(["replace", "remove", "add", "graft"]))
        if act == "remove":
            del place[key]
        elif act == "add" and isinstance(place, dict):
            place[draw(st.sampled_from([*WORDS, "omit", "any", "key"]))] = draw(VALUES)
        elif act == "graft":
            place[key] = copy.deepcopy(draw(st.sampled_from(places)))
        else:
            place[key] = draw(VALUES)
    return tree
