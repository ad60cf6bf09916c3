"""Makes the trees of entries that are written alike after that of the first of them.

Where the parts of such a tree stand is worked out when somebody asks, which is when something is wrong.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kinoform.spec.tree import Map, Seq

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from kinoform.spec.skeletons import Entry, Kind

    Pick: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
    # The keys of a map, the numbers of its values, the map itself, and which keys are open.
    _Numbered: TypeAlias = tuple[tuple[str, ...] | None, list[int], Map | Seq, frozenset[Any]]

_MARKS = frozenset({"source", "offset", "places", "_index", "_taken"})


class NotAlikeError(Exception):
    """The entries are not as alike as they look: the parser has to read all of them."""


class Stamp:
    """Makes the values of entries of one kind after that of the first, which stands at `place`.

    `nodes` is how many values each has, `lead` how far it is from the end of the name to the value.
    Raises NotAlikeError.
    """

    def __init__(self, kind: Kind, first: Entry, place: int, value: Any) -> None:
        self._first, self.kind = first.start, kind
        spans = kind.holes(first.start)
        self._ends = [stop for _, stop in spans]
        self.lead = place - self._ends[0]
        learner = _Learner(
            first.texts,
            [start - quote for (start, _), quote in zip(spans, kind.quoted, strict=True)],
        )
        root = learner.number(value, place)
        if learner.holes:
            raise NotAlikeError
        self.nodes, self.rest = learner.nodes, learner.rest
        base = len(first.texts) + len(learner.rest)
        self._root = _absolute(root, base)
        self._parts: list[Part] = []
        for found in learner.parts:
            self._parts.append(Part(self, found, base, self._parts))

    def value(self, entry: Entry) -> Any:
        """What the parser would make of the value of an entry."""
        row = [*entry.texts, *self.rest]
        for part in self._parts:
            keys, pick = part.keys, part.pick
            made: StampedMap | StampedSeq = (
                StampedSeq(pick(row))
                if keys is None
                else StampedMap(zip(keys, pick(row), strict=False))
            )
            made.part, made.entry = part, entry
            row.append(made)
        return row[self._root]

    def places(self, places: Sequence[int], at: int) -> Sequence[int]:
        """From places in the entry that was learnt to the same in the entry at an offset."""
        ends, shifts = self._ends, [at - self._first]
        for (_, stop), end in zip(self.kind.holes(at), ends, strict=True):
            shifts.append(stop - end)
        return [place + shifts[bisect_right(ends, place)] for place in places]


class Part:
    """A map or list of a stamp: which values of an entry's row it holds, and that of the first entry.

    What stands under its `open` keys, or at such places in a list, is not the same in all entries.
    `leaves` are the numbers of all in it that is no map or list, in order; of `odd` ones the type may
    differ too.
    """

    __slots__ = ("_node", "_stamp", "keys", "leaves", "odd", "open", "pick")

    def __init__(self, stamp: Stamp, found: _Numbered, base: int, parts: Sequence[Part]) -> None:
        self.keys, numbers, self._node, self.open = found
        self._stamp = stamp
        self.leaves: list[int] = [
            leaf for n in numbers for leaf in (parts[~n].leaves if n < 0 else (n,))
        ]
        self.odd = [leaf for leaf in self.leaves if leaf in stamp.kind.typed]
        self.pick = _picker([_absolute(n, base) for n in numbers])

    def columns(self, entries: Sequence[Entry]) -> list[Sequence[Any]]:
        """What stands at its leaves in these entries, a column for each leaf."""
        texts = [*zip(*(entry.texts for entry in entries), strict=True)]
        rest = [[value] * len(entries) for value in self._stamp.rest]
        return [[*texts, *rest][leaf] for leaf in self.leaves]

    def mark(self, made: StampedMap | StampedSeq) -> None:
        """Fill in where its parts stand."""
        offset, *places = self._stamp.places(
            [self._node.offset, *self._node.places], made.entry.start
        )
        made.stand(self._node.source, offset, array("I", places))


def _marked(self: StampedMap | StampedSeq, name: str) -> Any:
    """What is asked of a stamped value before it knows where its parts stand."""
    if name not in _MARKS:
        raise AttributeError(name)
    self.part.mark(self)
    return getattr(self, name)


class StampedMap(Map):
    """A mapping that is written like another."""

    __slots__ = ("entry", "part")
    __init__ = dict.__init__  # one of C: some are made for each step

    part: Part
    entry: Entry

    __getattr__ = _marked


class StampedSeq(Seq):
    """A list that is written like another."""

    __slots__ = ("entry", "part")
    __init__ = list.__init__

    part: Part
    entry: Entry

    __getattr__ = _marked


class _Learner:
    """Numbers the values of an entry: first its holes, then `rest`, which all have; parts from ~0 down."""

    def __init__(self, texts: Sequence[Any], begins: Sequence[int]) -> None:
        self._texts = texts
        self.holes = {start: number for number, start in enumerate(begins) if number}
        self.rest: list[Any] = []
        self.parts: list[_Numbered] = []
        self.nodes = 0

    def number(self, value: Any, place: int) -> int:
        """The number of a value that stands at a place. Raises NotAlikeError."""
        self.nodes += 1
        if isinstance(value, Map | Seq):
            return self._part(value)
        number = self.holes.pop(place, None)
        if number is None:
            self.rest.append(value)
            return len(self._texts) + len(self.rest) - 1
        if type(value) is not type(self._texts[number]) or value != self._texts[number]:
            raise NotAlikeError
        return number

    def _part(self, node: Map | Seq) -> int:
        keys = tuple(node) if isinstance(node, Map) else None
        children = node.values() if isinstance(node, Map) else node
        places = node.places[1::2] if isinstance(node, Map) else node.places
        numbers = [self.number(x, at) for x, at in zip(children, places, strict=True)]
        names = keys or range(len(numbers))
        open_ = frozenset(name for name, n in zip(names, numbers, strict=True) if self._is_open(n))
        self.parts.append((keys, numbers, node, open_))
        return -len(self.parts)

    def _is_open(self, number: int) -> bool:
        return number < len(self._texts) and (number >= 0 or bool(self.parts[~number][3]))


def _absolute(number: int, base: int) -> int:
    return base + ~number if number < 0 else number


def _picker(numbers: Sequence[int]) -> Pick:
    if len(numbers) > 1:
        return itemgetter(*numbers)
    if not numbers:
        return lambda _row: ()
    (only,) = numbers
    return lambda row: (row[only],)
