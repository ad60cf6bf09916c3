"""Steps to a graph of dense integers; cycles are named edge by edge, with places."""

from __future__ import annotations

from dataclasses import replace
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING

from kinoform.core.errors import Problem, SpecError
from kinoform.core.fans import Steps
from kinoform.core.manifest import leaves
from kinoform.core.types import Graph, Late, Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kinoform.core.types import Fan, Step


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


def _fan_needs(fan: Fan, index: Mapping[str, int]) -> Iterable[tuple[int, ...]]:
    """The same for each row of a fan, which follows nothing that it does not read."""
    columns = [[index[ref.step] for ref in column] for column in fan.inputs]
    if len(columns) == 1:
        return zip(*columns, strict=True)
    return (tuple(sorted(set(row))) for row in zip(*columns, strict=True))


def build(steps: Sequence[Step | None], fans: Sequence[Fan] = ()) -> Graph:
    """The graph of these steps; None stands where a fan has the step.

    Raises SpecError when steps wait on each other in a circle.
    """
    ids = [step.id if step else "" for step in steps]
    patterns = list(steps)
    for fan in fans:
        for number, name in zip(fan.numbers, fan.ids, strict=True):
            ids[number], patterns[number] = name, fan.pattern
    index = {name: number for number, name in enumerate(ids)}
    needs = [_needs(step, index) if step else () for step in steps]
    for fan in fans:
        for number, wanted in zip(fan.numbers, _fan_needs(fan, index), strict=False):
            needs[number] = wanted
    users: list[list[int]] = [[] for _ in steps]
    for number, wanted in enumerate(needs):
        for need in wanted:
            users[need].append(number)
    every, order = Steps(steps, fans), _order(needs, users)
    if len(order) < len(steps):
        raise _cycle(every, needs, set(order))
    shared = tuple(pattern for pattern in patterns if pattern)
    return Graph(
        every, tuple(ids), shared, tuple(fans), index, tuple(needs), tuple(map(tuple, users)), order
    )


def finished(graph: Graph, steps: Mapping[int, Step]) -> Graph:
    """The same graph with these steps in place of those of their numbers, which are of no fan."""
    made = [steps.get(number) for number in range(len(graph.ids))]
    patterns = [steps.get(number, pattern) for number, pattern in enumerate(graph.patterns)]
    return replace(graph, steps=Steps(made, graph.fans), patterns=tuple(patterns))


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
    if len(stack) == len(edges):
        return set(stack)
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            stack.extend(edges[number])
    return seen


def sinks(graph: Graph, among: Collection[int]) -> set[int]:
    """Those among them that nothing else is made from, but for inserted frames: what a film is for."""
    users, patterns = graph.users, graph.patterns
    ends = {number for number in among if not users[number]}
    if not any(map(attrgetter("hidden"), patterns)):  # as in most films
        return ends
    clips = (number for number in among if all(patterns[user].hidden for user in users[number]))
    return ends.union(clips)
