"""The selection grammar of targets, --select, --exclude and --rebuy, as in dbt. Pure.

`clip` all clips; `clip@s020` one; `s020` all steps of that shot; `clip@s0*` a glob; `tag:NAME`,
`model:NAME`, `state:NAME`; `+x` with all it needs, `x+` with all made from it, `2+x` two levels up,
`x+1` one down. A comma intersects, a blank unites.
"""

from __future__ import annotations

import re
from dataclasses import field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from unicodedata import normalize

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError
from kinoform.core.standing import STATES
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from kinoform.core.types import Graph, Step

# Six digits are more levels than a film can have, and few enough for int().
_TERM = r"(?P<up>[0-9]{0,6}\+)?(?P<what>[^+]+)(?P<down>\+[0-9]{0,6})?"
_NUMBERS = r"(?P<left>[0-9]{1,6})\+(?P<right>[0-9]{1,6})"
_GLOB = r"[*?\[]"
_SHOWN = 6
_HOW = (
    "write a step, an id such as clip@s020, an item key, a glob, tag:NAME, model:NAME, state:NAME, "
    "+x, x+, 2+x or x+1; a comma between two takes what is in both"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a selection may ask beyond the graph.

    `states`: step id to the names of its states; `models`: step name to its alias and model id.
    """

    states: Mapping[str, Collection[str]] = field(default_factory=dict)
    models: Mapping[str, Collection[str]] = field(default_factory=dict)


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Word:
    """One intersection as typed: what each of its parts selects, and what is in all of them."""

    text: str
    parts: tuple[tuple[str, frozenset[int]], ...]
    steps: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Method:
    """What is looked at in a step, and what is said when nothing matches."""

    names: Callable[[Step, Known], Iterable[str]]
    code: str
    said: str


_METHODS: Mapping[str, _Method] = {
    "": _Method(
        lambda step, _: filter(None, (step.id, step.name, step.item)),
        "no-such-step",
        "nothing here is called {what!r}",
    ),
    "tag": _Method(lambda step, _: step.tags, "no-such-tag", "no step has the tag {what!r}"),
    "model": _Method(
        lambda step, known: known.models.get(step.name, ()),
        "no-such-model",
        "no step is made with the model {what!r}",
    ),
    "state": _Method(
        lambda step, known: known.states.get(step.id, ()),
        "no-such-state",
        "no step can be in the state {what!r}",
    ),
}


def methods(expressions: Iterable[str]) -> frozenset[str]:
    """Which of `tag`, `model` and `state` these expressions may ask for; too many do no harm."""
    text = " ".join(expressions)
    return frozenset(name for name in _METHODS if name and f"{name}:" in text)


def select(
    graph: Graph, expressions: Iterable[str], known: Known = NOTHING, said: str = ""
) -> frozenset[int]:
    """The numbers of the steps in the union of the expressions. Raises UsageError, as `words`."""
    return union(words(graph, expressions, known, said))


def words(
    graph: Graph, expressions: Iterable[str], known: Known = NOTHING, said: str = ""
) -> tuple[Word, ...]:
    """What each word of the expressions selects; `said` is where they were typed (`--select`).

    Raises UsageError with everything that is wrong: `bad-selection` or one `no-such-...` each.
    """
    reader = _Reader(_Book(graph, known), said)
    found = [reader.word(word) for text in expressions for word in normalize("NFC", text).split()]
    if reader.problems:
        raise UsageError(reader.problems)
    return tuple(found)


def union(found: Iterable[Word]) -> frozenset[int]:
    """The steps that any of these words selects."""
    return frozenset[int]().union(*(word.steps for word in found))


def barren(word: Word) -> str:
    """Why a word selects no step: the part that does not, or that no step is in all of them."""
    empty = [part for part, steps in word.parts if not steps]
    if empty:
        return f"{short(empty[0])} selects no step"
    counted = ", ".join(f"{short(part)} {len(steps):,}" for part, steps in word.parts)
    return f"no step is in all parts of {short(word.text)} ({counted})"


class _Book:
    """Names to steps, for one call; a table is made when it is first asked."""

    def __init__(self, graph: Graph, known: Known) -> None:
        self.graph, self._known = graph, known
        self._tables: dict[str, dict[str, set[int]]] = {}

    def table(self, method: str) -> dict[str, set[int]]:
        """Every name of that kind with the visible steps that have it."""
        if method not in self._tables:
            names, table = _METHODS[method].names, self._tables.setdefault(method, {})
            for number, step in enumerate(self.graph.steps):
                for name in () if step.hidden else names(step, self._known):
                    table.setdefault(name, set()).add(number)
        return self._tables[method]

    def find(self, method: str, what: str) -> frozenset[int] | None:
        """The steps of that name or glob; None when there is no such name.

        An id is looked up first, also that of an inserted step, which has no other name.
        """
        exact = self.graph.index.get(what) if not method else None
        if exact is not None:
            return frozenset((exact,))
        table = self.table(method)
        found = table.get(what)
        if found is None and re.search(_GLOB, what):
            found = set().union(*(n for name, n in table.items() if fnmatchcase(name, what)))
        if found:
            return frozenset(found)
        can_be = method == "state" and any(fnmatchcase(name, what) for name in STATES)
        return frozenset() if can_be else None


class _Reader:
    """Reads words against a book, and gathers what is wrong with them."""

    def __init__(self, book: _Book, said: str) -> None:
        self._book, self._said, self._word = book, said, ""
        self.problems: list[Problem] = []

    def word(self, word: str) -> Word:
        """One intersection. Faults go to `problems`."""
        self._word = word
        parts = tuple((part, self._part(part)) for part in word.split(","))
        return Word(word, parts, frozenset.intersection(*(steps for _, steps in parts)))

    def _part(self, part: str) -> frozenset[int]:
        if not part:
            hint = "no blank stands beside a comma, and something on both sides of it"
            self._wrong("bad-selection", "a part of a selection is empty", hint)
            return frozenset()
        readings = self._readings(part)
        if len(readings) != 1:
            self._wrong("bad-selection", *_unclear(part, len(readings)))
            return frozenset()
        ((up, what, down),) = readings
        found = self._find(what)
        result = set(found)
        if up:
            result |= _reach(self._book.graph, self._book.graph.needs, found, up[:-1])
        if down:
            result |= _reach(self._book.graph, self._book.graph.users, found, down[1:])
        return frozenset(result)

    def _readings(self, part: str) -> list[tuple[str, str, str]]:
        """(up, what, down); `2+10` means one thing only if just one of the two is a name."""
        match, numbers = re.fullmatch(_TERM, part), re.fullmatch(_NUMBERS, part)
        if not match:
            return []
        if not numbers:
            return [(match["up"] or "", match["what"], match["down"] or "")]
        left, right = numbers["left"], numbers["right"]
        both = [(f"{left}+", right, ""), ("", left, f"+{right}")]
        return [each for each in both if self._book.find("", each[1])] or both[:1]

    def _find(self, what: str) -> frozenset[int]:
        before, colon, after = what.partition(":")
        method, name = (before, after) if colon else ("", what)
        if method not in _METHODS or (colon and not (method and name)):
            near = get_close_matches(method, filter(None, _METHODS), n=1)
            hint = f"did you mean {near[0]}:{short(name)}?" if near and name else _HOW
            self._wrong("bad-selection", f"{short(what)!r} is not a selection", hint)
            return frozenset()
        found = self._book.find(method, name)
        if found is None:
            row = _METHODS[method]
            self._wrong(row.code, row.said.format(what=short(name)), self._near(method, name))
        return found or frozenset()

    def _near(self, method: str, what: str) -> str:
        names = sorted(STATES if method == "state" else self._book.table(method))
        near = get_close_matches(what, names, n=3)
        if near:
            return f"did you mean {' or '.join(near)}?"
        if not method:
            return _HOW
        return f"there are {', '.join(names[:_SHOWN])}" if names else f"no step has a {method}"

    def _wrong(self, code: str, message: str, hint: str) -> None:
        shown = f"{message} (in {short(self._word)!r})" if "," in self._word else message
        self.problems.append(Problem(code, shown, hint=hint, path=self._said))


def _unclear(part: str, readings: int) -> tuple[str, str]:
    if readings:
        left, _, right = part.partition("+")
        hint = f"write +{left}+{right} down from {left}, or STEP@{right} for one of its steps"
        return f"{part!r} could mean {left} levels above {right}, or {right} below {left}", hint
    return f"{short(part)!r} is not a selection", _HOW


def _reach(
    graph: Graph, edges: Sequence[Sequence[int]], start: Iterable[int], depth: str
) -> set[int]:
    """Everything at most `depth` levels away; no number means no limit."""
    left = int(depth) if depth else len(edges)
    seen, edge = set(start), set(start)
    while edge and left:
        edge = _level(graph, edges, edge) - seen
        seen |= edge
        left -= 1
    return seen


def _level(graph: Graph, edges: Sequence[Sequence[int]], start: Iterable[int]) -> set[int]:
    """The next level: an inserted step is none of its own, but part of the step behind it."""
    found: set[int] = set()
    stack = [near for number in start for near in edges[number]]
    while stack:
        number = stack.pop()
        if number not in found:
            found.add(number)
            stack.extend(edges[number] if graph.steps[number].hidden else ())
    return found
