"""Steps to a graph of dense integers; cycles are named edge by edge, with places."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, SpecError
from kinoform.core.manifest import leaves
from kinoform.core.types import Graph, Late, Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kinoform.core.types import Step


def refs(step: Step) -> Iterator[Ref]:
    """Every artifact of another step that this one reads or measures."""
    for source in step.inputs.values():
        if isinstance(source, Ref):
            yield source
    for _, leaf in leaves(step.params) if step.late else ():
        if isinstance(leaf, Late):
            yield from leaf.refs


def _needs(step: Step, index: Mapping[str, int]) -> tuple[int, ...]:
    if not step.inputs and not step.needs and not step.late:
        return ()
    return tuple(sorted({index[name] for name in (*(ref.step for ref in refs(step)), *step.needs)}))


def build(steps: Sequence[Step]) -> Graph:
    """The graph of these steps. Raises SpecError when steps wait on each other in a circle."""
    index = {step.id: number for number, step in enumerate(steps)}
    needs = tuple(_needs(step, index) for step in steps)
    users: list[list[int]] = [[] for _ in steps]
    for number, wanted in enumerate(needs):
        for need in wanted:
            users[need].append(number)
    order = _order(needs, users)
    if len(order) < len(steps):
        raise _cycle(steps, needs, set(order))
    return Graph(tuple(steps), index, needs, tuple(map(tuple, users)), order)


def _order(needs: Sequence[Sequence[int]], users: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Kahn's algorithm, the earliest in the file first.

    Where each step stands below all that it needs, as most people write, that is the file's order.
    """
    if all(not wanted or wanted[-1] < number for number, wanted in enumerate(needs)):
        return tuple(range(len(needs)))
    blockers = [len(wanted) for wanted in needs]
    ready = [number for number, count in enumerate(blockers) if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        number = heappop(ready)
        order.append(number)
        for user in users[number]:
            blockers[user] -= 1
            if not blockers[user]:
                heappush(ready, user)
    return tuple(order)


def _cycle(steps: Sequence[Step], needs: Sequence[Sequence[int]], done: set[int]) -> SpecError:
    here = next(number for number in range(len(steps)) if number not in done)
    trail: list[int] = []
    while here not in trail:
        trail.append(here)
        here = next(need for need in needs[here] if need not in done)
    loop = [*trail[trail.index(here) :], here]
    said = " needs ".join(steps[number].id for number in loop)
    hint = "break the circle at one of: " + ", ".join(
        f"{steps[number].id} ({steps[number].where})" for number in loop[:-1]
    )
    return SpecError(Problem("cycle", f"steps wait on each other: {said}", steps[here].where, hint))


def closure(graph: Graph, start: Iterable[int], *, up: bool = True) -> set[int]:
    """These steps and all that they need (`up`), or all that is made from them."""
    edges = graph.needs if up else graph.users
    seen: set[int] = set()
    stack = list(start)
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            stack.extend(edges[number])
    return seen


def sinks(graph: Graph, among: Collection[int]) -> set[int]:
    """Those among them that nothing else is made from: what a film is for."""
    return {number for number in among if not graph.users[number]}
