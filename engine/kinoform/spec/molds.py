"""What is the same in all requests of one shape, worked out once: a mold, and what is cast in it.

Two requests to a model have one shape when they differ only in texts that nobody judges by their
words, and in which artifacts they take, as far as those promise the same. One verdict, promise and
price holds for them all. A mold is made only of a request about which there is nothing to say; the
others go the long way of `requests`, which has the words for what is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kinoform.core.manifest import sources
from kinoform.core.stencil import Filled, cut
from kinoform.core.types import Ref
from kinoform.spec.openness import openings
from kinoform.spec.portable import Wire, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from typing import TypeAlias

    from kinoform.core.stencil import Stencil
    from kinoform.core.types import Expect, Op
    from kinoform.spec.catalog import Model
    from kinoform.spec.forms import Form
    from kinoform.spec.openness import Opening

    # What each artifact promises, as a small number; None while that is not known.
    Kinds: TypeAlias = Callable[[Sequence[Ref]], Sequence[int | None]]
    Fill: TypeAlias = Callable[[Sequence[Any]], Any]

_OPEN: Final = object()
_UNKNOWN: Final = object()  # the mark of what has none: such a request goes the long way
_MOST = 256  # molds of one family: where each request has a shape of its own, none is worth it


class Promise(NamedTuple):
    """What a request gives: its outputs, USD for one take, and itself in portable words.

    `kind` is one number for all that promise the same outputs.
    """

    outputs: tuple[Expect, ...]
    price: Decimal | None
    brief: Mapping[str, Any]
    kind: int = 0


class Cast(NamedTuple):
    """A request about which there is nothing to say, and what it promises."""

    params: dict[str, Any]
    inputs: dict[str, Ref]
    brief: Mapping[str, Any]
    mold: Mold

    @property
    def wire(self) -> Wire:
        """As the long way would have made it."""
        return Wire(self.params, self.mold.origin)


class Mold(NamedTuple):
    """The requests of one shape; `texts` are the leaves that are open, `stencil` has holes there."""

    op: Op
    origin: Mapping[str, str]
    promise: Promise
    base: Mapping[str, Any]
    moving: Sequence[tuple[str, Fill]]
    brief: Fill
    inputs: tuple[tuple[str, int], ...]
    texts: tuple[int, ...]
    stencil: Stencil

    def cast(self, values: Sequence[Any]) -> Cast:
        """The request with these values at its leaves."""
        inputs = {path: values[number] for path, number in self.inputs}
        params = Filled(self.base)
        params.stencil, params.texts = self.stencil, [values[number] for number in self.texts]
        for key, fill in self.moving:
            params[key] = fill(values)
        return Cast(params, inputs, self.brief(values), self)


class Batch(NamedTuple):
    """Instances of one declaration that one mold casts, by their ids, and their values in columns.

    There is a column for each leaf of the declaration.
    """

    mold: Mold
    names: Sequence[str]
    columns: Sequence[Sequence[Any]]

    def cast(self, row: int) -> Cast:
        """The request of one of them."""
        return self.mold.cast([column[row] for column in self.columns])


class Family:
    """The molds of one model for declarations of one shape.

    `promise` judges a request: None where something is to be said of it.
    """

    def __init__(
        self, model: Model, kinds: Kinds, promise: Callable[[Model, Wire], Promise | None]
    ) -> None:
        self._model, self._kinds, self._promise = model, kinds, promise
        self._molds: dict[tuple[Any, ...], Mold | None] = {}
        self._open: tuple[Opening | None, ...] | None = None

    def cast(self, form: Form, values: Sequence[Any]) -> Cast | None:
        """The request of a form with these values; None where it has to go the long way."""
        if self._open is None:
            self._open = self._opened(form, values)
        return self._cast(form, values, self._marks(values, self._open))

    def sorted(
        self, form: Form, columns: Sequence[Sequence[Any]]
    ) -> list[tuple[Mold, Sequence[int]]]:
        """The rows of these columns by the mold that casts them; those that have none are left out."""
        if self._open is None:
            self._open = self._opened(form, [column[0] for column in columns])
        marks = [self._alike(*each) for each in zip(columns, self._open, strict=True)]
        found = []
        for shape, numbers in _by_value([*zip(*marks, strict=True)]):
            mold = self._shaped(form, [column[numbers[0]] for column in columns], shape)
            if mold and (mold.texts or mold.inputs):
                found.append((mold, numbers))
        return found

    def _cast(self, form: Form, values: Sequence[Any], marks: tuple[Any, ...]) -> Cast | None:
        mold = self._shaped(form, values, marks)
        return mold.cast(values) if mold else None

    def _shaped(self, form: Form, values: Sequence[Any], marks: tuple[Any, ...]) -> Mold | None:
        if marks not in self._molds and len(self._molds) < _MOST and _UNKNOWN not in marks:
            self._molds[marks] = self._mold(form, values, marks)
        return self._molds.get(marks)

    def _alike(self, column: Sequence[Any], opening: Opening | None) -> Sequence[Any]:
        """The marks of a column; most are of open texts."""
        if opening and opening.takes_all(column):
            return [_OPEN] * len(column)
        if {*map(type, column)} == {Ref}:
            kinds = zip(self._kinds(column), column, strict=True)
            return [_UNKNOWN if n is None else (n, ref.index, ref.take) for n, ref in kinds]
        return self._marks(column, repeat(opening, len(column)))

    def _marks(self, values: Sequence[Any], openings: Iterable[Opening | None]) -> tuple[Any, ...]:
        """What the verdict hangs on."""
        kinds = iter(self._kinds([value for value in values if type(value) is Ref]))
        return tuple(self._mark(*each, kinds) for each in zip(values, openings, strict=True))

    def _mark(self, value: Any, opening: Opening | None, kinds: Iterator[int | None]) -> Any:
        kind = type(value)
        if kind is str:
            return _OPEN if opening and opening.takes(value) else value
        if kind is Ref:
            number = next(kinds)
            return _UNKNOWN if number is None else (number, value.index, value.take)
        return (kind, value) if value is None or kind in (bool, int, float) else _UNKNOWN

    def _opened(self, form: Form, values: Sequence[Any]) -> tuple[Opening | None, ...]:
        """Which leaves are open texts, found by following each into the request."""
        fresh = [_fresh(value) for value in values]
        params = to_wire(self._model, form.filled(fresh)).params
        names = {id(value): name for name, value in params.items()}
        fields = openings(self._model)
        return tuple(
            fields.get(names.get(id(copy), "")) if copy is not value else None
            for copy, value in zip(fresh, values, strict=True)
        )

    def _mold(self, form: Form, values: Sequence[Any], marks: Sequence[Any]) -> Mold | None:
        """The mold of this request, if it is sound and all that is open in it can be followed."""
        fresh = [
            _fresh(value) if mark is _OPEN or isinstance(value, Ref) else value
            for value, mark in zip(values, marks, strict=True)
        ]
        wire = to_wire(self._model, form.filled(fresh))
        promise = None if wire.problems else self._promise(self._model, wire)
        if promise is None:
            return None
        numbers = {id(copy): n for n, copy in enumerate(fresh) if copy is not values[n]}
        found = {path: numbers.get(id(leaf)) for path, leaf in sources(wire.params).items()}
        if None in found.values() or not self._followed(wire.params, numbers):
            return None
        inputs = tuple((path, n) for path, n in found.items() if n is not None)
        texts = tuple(sorted({*numbers.values()} - {n for _, n in inputs}))
        stencil = cut(wire.params, [fresh[n] for n in texts], [fresh[n] for _, n in inputs])
        if stencil is None:
            return None
        return Mold(
            self._model.op,
            wire.origin,
            promise,
            wire.params,
            _moving(wire.params, numbers),
            _fill(promise.brief, numbers) or (lambda _values: promise.brief),
            inputs,
            texts,
            stencil,
        )

    def _followed(self, params: Mapping[str, Any], numbers: Mapping[int, int]) -> bool:
        """Whether each open leaf stands in the request once, an open text in an open field."""
        found = sorted(numbers[id(leaf)] for leaf in _leaves(params) if id(leaf) in numbers)
        fields = openings(self._model)
        open_ = {
            numbers[id(x)] for name, x in params.items() if name in fields and id(x) in numbers
        }
        texts = {n for n in found if (self._open or ())[n] is not None}
        return found == sorted(numbers.values()) and texts <= open_


def _by_value(marks: Sequence[Hashable]) -> Iterable[tuple[Any, Sequence[int]]]:
    """Each of them, with its places; most are one."""
    if len({*marks}) == 1:
        return [(marks[0], range(len(marks)))]
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, mark in enumerate(marks):
        places[mark].append(place)
    return places.items()


def _fresh(value: Any) -> Any:
    """An equal value that is an object of its own, where it can be."""
    if isinstance(value, Ref):
        return Ref(value.step, value.take, value.index)
    return f"{value} "[:-1] if isinstance(value, str) and value else value


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        for item in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(item)
    else:
        yield tree


def _moving(tree: Mapping[str, Any], numbers: Mapping[int, int]) -> list[tuple[str, Fill]]:
    """The fields that differ, and what makes each."""
    return [(key, fill) for key, item in tree.items() if (fill := _fill(item, numbers))]


def _fill(tree: Any, numbers: Mapping[int, int]) -> Fill | None:
    """What makes the tree anew with values at its open leaves; None for a part that has none."""
    if id(tree) in numbers:
        return itemgetter(numbers[id(tree)])
    if isinstance(tree, dict):
        base, moving = dict(tree), _moving(tree, numbers)
        if moving:
            return lambda values: base | {key: fill(values) for key, fill in moving}
    if isinstance(tree, list):
        parts = [(_fill(item, numbers), item) for item in tree]
        if any(fill for fill, _ in parts):
            return lambda values: [fill(values) if fill else item for fill, item in parts]
    return None
