"""The selection grammar: names, ids, item keys, globs, tags, and `+` for what hangs on them.

`clip` all clips; `clip@s020` one; `s020` all steps of that shot; `clip@s0*` a glob; `tag:hero`;
`+x` with all it needs, `x+` with all made from it, `2+x` two levels up. A comma intersects, a
blank unites, as in dbt.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.core.types import Graph, Step

_TERM = re.compile(r"^(?P<up>\d*\+)?(?P<what>[^+]+)(?P<down>\+\d*)?$")


def _matches(step: Step, what: str) -> bool:
    if what.startswith("tag:"):
        return any(fnmatchcase(tag, what[4:]) for tag in step.tags)
    names = (step.id, step.name, step.item)
    return what in names or any(name and fnmatchcase(name, what) for name in names)


def _visible(graph: Graph, what: str) -> set[int]:
    exact = graph.index.get(what)
    if exact is not None:
        return {exact}
    return {n for n, step in enumerate(graph.steps) if not step.hidden and _matches(step, what)}


def _reach(edges: Sequence[Sequence[int]], start: set[int], depth: str) -> set[int]:
    """Everything at most `depth` edges away; no number means no limit."""
    left = int(depth) if depth else len(edges)
    seen, edge = set(start), set(start)
    while edge and left:
        edge = {near for number in edge for near in edges[number]} - seen
        seen |= edge
        left -= 1
    return seen


def _term(graph: Graph, text: str) -> set[int]:
    match = _TERM.match(text)
    if match is None:
        raise UsageError(Problem("bad-selection", f"{text!r} is not a selection", hint=_HOW))
    found = _visible(graph, match["what"])
    if not found:
        raise UsageError(_nothing(graph, match["what"]))
    result = set(found)
    if match["up"]:
        result |= _reach(graph.needs, found, match["up"][:-1])
    if match["down"]:
        result |= _reach(graph.users, found, match["down"][1:])
    return result


_HOW = "write a step, an id such as clip@s020, an item key, a glob, tag:NAME, +x, x+ or 2+x"


def _nothing(graph: Graph, what: str) -> Problem:
    names = {name for s in graph.steps if not s.hidden for name in (s.id, s.name, s.item) if name}
    near = get_close_matches(what, sorted(names), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else _HOW
    return Problem("no-such-step", f"nothing here is called {what!r}", hint=hint)


def select(graph: Graph, expressions: Iterable[str]) -> set[int]:
    """Union of the expressions. Raises UsageError (`no-such-step`, `bad-selection`)."""
    union: set[int] = set()
    for expression in expressions:
        for word in expression.split():
            parts = [_term(graph, term) for term in word.split(",") if term]
            if parts:
                union |= set.intersection(*parts)
    return union
