"""The fan-out: step declarations and collections to instances with stable ids."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.errors import Problem, SpecError
from kinoform.spec.artifacts import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinoform.spec.document import StepDecl
    from kinoform.spec.values import Collection

MAX_INSTANCES = 200_000
# What all steps without foreach have in common.
_ALONE: Final[Mapping[str, Any]] = {}
_ONE: Final = [""]
_PLACE: Final = {"": 0}


def fans(
    steps: Mapping[str, StepDecl], collections: Mapping[str, Collection]
) -> dict[str, Mapping[str, Collection]]:
    """Per step: foreach name to the collection it runs over, in the order of the declaration."""
    return {
        name: {loop: collections[path] for loop, path in step.foreach.items()}
        if step.foreach
        else _ALONE
        for name, step in steps.items()
    }


def expand(
    steps: Mapping[str, StepDecl], fan: Mapping[str, Mapping[str, Collection]], limit: int
) -> dict[str, Cut]:
    """Per step: item key to instance, in the order of the cut; key "" without foreach.

    Raises SpecError (`too-many-steps`) before a product is built that is above the limit, in
    which each take counts as a plan counts it.
    """
    size = sum(steps[name].takes * prod(map(len, bound.values())) for name, bound in fan.items())
    if size > limit:
        said = f"{size} steps after expansion; the limit is {limit}"
        raise SpecError(Problem("too-many-steps", said, hint=f"pass --max-steps {size}"))
    return {name: Cut(step, fan[name]) for name, step in steps.items()}


class Cut(Mapping[str, Instance]):
    """The instances of a step by item key, in the order of the cut; each made when it is looked at.

    `ids` and `loops` are columns: of each row its id, and its key under each foreach name.
    """

    def __init__(self, step: StepDecl, bound: Mapping[str, Collection]) -> None:
        self._step, self.bound = step, bound
        self._made: dict[str, Instance] = {}
        self.loops: Mapping[str, Sequence[str]] = _ALONE
        if not bound:  # most of a film that is written out
            self._items, self.ids, self.places = _ONE, [step.name], _PLACE
            return
        loops = [collection.keys for collection in bound.values()]
        rows = loops[0] if len(loops) == 1 else ()
        self._items = [*(rows or map(".".join, product(*loops)))]
        columns = [rows] if rows else zip(*product(*loops), strict=True)
        self.loops = dict(zip(bound, columns, strict=False))
        self.ids = [f"{step.name}@{item}" for item in self._items]
        self.places = {item: place for place, item in enumerate(self._items)}

    def __getitem__(self, item: str) -> Instance:
        """The instance of an item. Raises KeyError."""
        made = self._made.get(item)
        if made is None:
            row, step = self.places[item], self._step
            keys = {loop: column[row] for loop, column in self.loops.items()}
            made = Instance(self.ids[row], step.name, item, step.takes, keys, self.bound)
            self._made[item] = made
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
