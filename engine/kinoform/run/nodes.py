"""A plan's graph as dense nodes, one for each take: who waits on whom, and who goes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.frontier import tails
from kinoform.core.graph import refs
from kinoform.core.manifest import recipe_of
from kinoform.core.money import ZERO
from kinoform.core.report import Stood

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kinoform.core.survey import Node, Survey
    from kinoform.core.types import Decision, Step

_HOSTED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Nodes:
    """`nodes[i]` is (step number, take), `steps[i]` its step; `at` leads back.

    The first take part in the run, `needs[i]` being those among them that each waits for. What is
    settled comes after them, and nobody waits for it.
    """

    nodes: tuple[Node, ...]
    at: Mapping[Node, int]
    needs: tuple[tuple[int, ...], ...]
    steps: tuple[Step, ...]

    def rank(self) -> list[int]:
        """Cheap before expensive; within a price the longest way to the end first."""
        steps = self.steps[: len(self.needs)]
        way = tails(self.needs, range(len(steps)), list(map(_weight, steps)))
        worth = [(step.price or ZERO, -way[n]) for n, step in enumerate(steps)]
        rank = [0] * len(steps)  # as whole numbers, which are compared often
        for place, n in enumerate(sorted(range(len(steps)), key=worth.__getitem__)):
            rank[n] = place
        return rank

    def pools(self) -> Sequence[tuple[str, ...]]:
        """The limits that each node works under: its provider's and its model's, or its pool's."""
        return [
            (step.op.pool, step.op.name) if step.op.kind == "hosted" else (step.op.pool,)
            for step in self.steps[: len(self.needs)]
        ]

    @property
    def settled(self) -> range:
        """The nodes that take no part."""
        return range(len(self.needs), len(self.nodes))


def _weight(step: Step) -> float:
    length = sum(expect.facts.seconds or 0.2 for expect in step.expects) or 0.2
    return length + (_HOSTED_SECONDS if step.op.kind == "hosted" else 0.0)


def resting(survey: Survey, decisions: Iterable[Decision]) -> dict[Node, Stood]:
    """What takes no part in a run, as what it makes is there."""
    steps, index, found = survey.graph.steps, survey.graph.index, {}
    for decision in decisions:
        node = index[decision.step], decision.take
        gist = survey.gist(node) if decision.verdict == "reuse" else None
        if gist is not None and survey.pick(node) is None:
            recipe = recipe_of(survey.manifests[node]) if survey.is_one_of_many(node) else ""
            found[node] = Stood(steps[node[0]], node[1], decision.key, recipe, gist.outputs)
    return found


def nodes(survey: Survey, part: Collection[Node]) -> Nodes:
    """All takes of all steps in the survey's scope, in topological order; first those that take part."""
    graph = survey.graph
    rows = [
        (number, take)
        for number in graph.order
        if number in survey.scope
        for take in survey.takes(number)
    ]
    active = [node for node in rows if node in part]
    rows = [*active, *(node for node in rows if node not in part)]
    at = {node: place for place, node in enumerate(rows)}
    steps = tuple(graph.steps[number] for number, _ in rows)
    needs = tuple(_needs(survey, node, at, len(active)) for node in active)
    return Nodes(tuple(rows), at, needs, steps)


def _needs(survey: Survey, node: Node, at: Mapping[Node, int], active: int) -> tuple[int, ...]:
    """What it reads, what it was told to follow, and the first with the same request."""
    step = survey.graph.steps[node[0]]
    wanted = {at[survey.node(ref)] for ref in refs(step)}
    first = survey.first.get(survey.keys.get(node, ""), node)
    if first != node:
        wanted.add(at[first])
    for name in step.needs:
        number = survey.graph.index[name]
        takes = range(1, survey.graph.steps[number].takes + 1)
        wanted |= {at[number, take] for take in takes}
    return tuple(sorted(place for place in wanted if place < active))
