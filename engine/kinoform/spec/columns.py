"""The plain templates of one declaration for all its instances at once, a column for each.

What a template names is found once for the declaration, and then read row by row. Whatever is not as
plain as that is left in doubt: those rows are asked by themselves.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.spec.artifacts import finished
from kinoform.spec.bounds import MAX_TEXT, fits, joined
from kinoform.spec.plain import Unsure, pieces
from kinoform.spec.scope import all_normal, normal
from kinoform.spec.speech import Broken, KnownLater, TemplateFault, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.spec.fan import Cut
    from kinoform.spec.plain import Chain
    from kinoform.spec.studio import Stage
    from kinoform.spec.values import Collection

    Column: TypeAlias = list[Any]

_OPEN = (Unsure, KeyError, TemplateFault, KnownLater, Broken)


class Rows:
    """Rows of a cut, by their places. `doubt` has the numbers of those that a column left open."""

    def __init__(self, stage: Stage, cut: Cut, places: Sequence[int]) -> None:
        self._stage, self._cut, self._bound = stage, cut, cut.bound
        self._places = places
        self.doubt: set[int] = set()

    def __len__(self) -> int:
        return len(self._places)

    def chosen(self, column: Sequence[Any]) -> Sequence[Any]:
        """These rows of a column of the whole cut."""
        if len(self._places) == len(column):
            return column
        return [column[place] for place in self._places]

    def column(self, text: str) -> Column:
        """What a template gives in each row, as it is sent; anything at all in a row in doubt."""
        found = pieces(text)
        if found is None:
            return self._open()
        whole, parts = found
        if whole and (made := self._made(parts[0])) is not None:
            return made
        columns = [
            [part] * len(self) if isinstance(part, str) else self._of(part) for part in parts
        ]
        if len(columns) == 1:
            return _plain(columns[0]) or self._checked(columns[0], whole=whole)
        return self._checked(zip(*columns, strict=True), whole=False)

    def _checked(self, values: Iterable[Any], *, whole: bool) -> Column:
        done: Column = []
        for number, value in enumerate(values):
            if type(value) is str and len(value) <= MAX_TEXT:
                done.append(normal(value))
            else:
                done.append(self._checked_one(number, value, whole=whole))
        return done

    def _checked_one(self, number: int, value: Any, *, whole: bool) -> Any:
        try:
            if whole:
                return normal(finished(fits(value)))
            return normal(joined(map(as_text, value if isinstance(value, tuple) else (value,))))
        except _OPEN:
            self.doubt.add(number)

    def _open(self) -> Column:
        self.doubt.update(range(len(self)))
        return [None] * len(self)

    def _of(self, chain: Chain) -> Column:
        if chain.root in self._bound:
            return self._loop(chain)
        if chain.root == "out":
            return self._open()
        try:  # the same in all rows
            return [chain.value(self._context())] * len(self)
        except _OPEN:
            return self._open()

    def _loop(self, chain: Chain) -> Column:
        """What hangs on the item of each row."""
        home: Collection = self._bound[chain.root]
        keys = self.chosen(self._cut.loops[chain.root])
        if len(chain.links) == 1:
            try:
                return home.column(chain.links[0][1], keys)
            except (KeyError, TypeError):
                pass  # an item that lacks it, or is no map: for each to say
        done: Column = []
        for number, key in enumerate(keys):
            try:
                done.append(chain.follow(home.get(key)))
            except _OPEN:
                self.doubt.add(number)
                done.append(None)
        return done

    def _context(self) -> Mapping[str, Any]:
        first = self._places[0]
        item = next(islice(self._cut, first, None))
        return self._stage.context(self._cut[item])

    def _made(self, chain: str | Chain) -> Column | None:
        """The artifact of a step that matches each row, none where that is skipped.

        None for another chain, and where rows have no match: those are asked by themselves.
        """
        if isinstance(chain, str) or chain.root != "out" or len(chain.links) != 1:
            return None
        try:
            refs = self._stage.refs(step := chain.links[0][1])
        except KeyError:
            return None
        other, mine = self._stage.instances(step), self._bound
        if other.bound == mine and [*other.bound] == [*mine]:
            return [*self.chosen(refs)]
        if not mine.keys() >= other.bound.keys():
            return None
        columns = [self.chosen(self._cut.loops[loop]) for loop in other.bound]
        items = map(".".join, zip(*columns, strict=True)) if columns else [""] * len(self)
        places = [other.places.get(item) for item in items]
        self.doubt.update(n for n, place in enumerate(places) if place is None)
        return [None if place is None else refs[place] for place in places]


def _plain(values: Sequence[Any]) -> Column:
    """Values that are texts, as they are sent; nothing where one is none, or too long."""
    if {*map(type, values)} != {str} or max(map(len, values)) > MAX_TEXT:
        return []
    return [*all_normal(values)]
