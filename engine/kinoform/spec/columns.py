"""The plain templates of one declaration for all its instances at once, a column for each.

What a template names is found once for the declaration, and then read row by row. Whatever is not as
plain as that is left in doubt: those rows are asked by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.spec.artifacts import finished
from kinoform.spec.bounds import MAX_TEXT, fits, joined
from kinoform.spec.plain import Unsure, pieces
from kinoform.spec.scope import normal
from kinoform.spec.speech import Broken, KnownLater, TemplateFault, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.spec.artifacts import Instance
    from kinoform.spec.plain import Chain
    from kinoform.spec.studio import Stage
    from kinoform.spec.values import Collection

    Column: TypeAlias = list[Any]

_OPEN = (Unsure, KeyError, TemplateFault, KnownLater, Broken)


class Rows:
    """The instances of one declaration. `doubt` has the numbers of those that a column left open."""

    def __init__(self, stage: Stage, instances: Sequence[Instance]) -> None:
        self._stage, self._rows = stage, instances
        self._bound = instances[0].bound
        self.doubt: set[int] = set()

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, text: str) -> Column:
        """What a template gives in each row, as it is sent; anything at all in a row in doubt."""
        found = pieces(text)
        if found is None:
            return self._open()
        whole, parts = found
        columns = [
            [part] * len(self) if isinstance(part, str) else self._of(part) for part in parts
        ]
        if len(columns) == 1:
            return self._checked(columns[0], whole=whole)
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
            return self._made(chain.links[0][1]) if len(chain.links) == 1 else self._open()
        try:  # the same in all rows
            return [chain.value(self._stage.context(self._rows[0]))] * len(self)
        except _OPEN:
            return self._open()

    def _loop(self, chain: Chain) -> Column:
        """What hangs on the item of each row."""
        home: Collection = self._bound[chain.root]
        keys = [row.keys[chain.root] for row in self._rows]
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

    def _made(self, step: str) -> Column:
        """The artifact of a step that matches each row, none where that is skipped."""
        try:
            wanted, instances = [*self._stage.fan(step)], self._stage.instances(step)
        except KeyError:
            return self._open()
        if not self._bound.keys() >= set(wanted):
            return self._open()
        done: Column = []
        for number, row in enumerate(self._rows):
            one = instances.get(".".join([row.keys[name] for name in wanted]))
            if one is None:
                self.doubt.add(number)
            done.append(None if one is None or self._stage.skipped(one) else self._stage.ref(one))
        return done
