"""The fan-out: step declarations and collections to instances with stable ids."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, SpecError
from kinoform.spec.artifacts import Instance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.spec.document import StepDecl
    from kinoform.spec.values import Collection

MAX_INSTANCES = 200_000


def fans(
    steps: Mapping[str, StepDecl], collections: Mapping[str, Collection]
) -> dict[str, dict[str, Collection]]:
    """Per step: foreach name to the collection it runs over, in the order of the declaration."""
    return {
        name: {loop: collections[path] for loop, path in step.foreach.items()}
        for name, step in steps.items()
    }


def expand(
    steps: Mapping[str, StepDecl], fan: Mapping[str, Mapping[str, Collection]], limit: int
) -> dict[str, dict[str, Instance]]:
    """Per step: item key to instance, in the order of the cut; key "" without foreach.

    Raises SpecError (`too-many-steps`) before a product is built that is above the limit.
    """
    size = sum(prod(len(c) for c in fan[name].values()) for name in steps)
    if size > limit:
        said = f"{size} steps after expansion; the limit is {limit}"
        raise SpecError(Problem("too-many-steps", said, hint=f"pass --max-steps {size}"))
    return {name: _instances(step, fan[name]) for name, step in steps.items()}


def _instances(step: StepDecl, fan: Mapping[str, Collection]) -> dict[str, Instance]:
    if not fan:
        return {"": Instance(step.name, step.name, "", step.takes, {}, fan)}
    rows = product(*(collection.keys for collection in fan.values()))
    return {
        (item := ".".join(row)): Instance(
            f"{step.name}@{item}",
            step.name,
            item,
            step.takes,
            dict(zip(fan, row, strict=True)),
            fan,
        )
        for row in rows
    }
