"""A plan's graph as dense nodes, one for each take: who waits on whom, and who goes first."""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.frontier import tails
from kinoform.core.graph import refs
from kinoform.core.manifest import recipe_of
from kinoform.core.money import ZERO
from kinoform.core.report import Stood

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kinoform.core.decisions import Decisions
    from kinoform.core.manifests import Node
    from kinoform.core.survey import Survey
    from kinoform.core.types import Decision, Graph, Step

_HOSTED_SECONDS = 60.0
_stood = partial(tuple.__new__, Stood)  # without a call of Python's for each


@dataclass(frozen=True, slots=True)
class Nodes:
    """`nodes[i]` is (step number, take), and `at` leads back.

    The first take part in the run: `steps[i]` is the step of each, and `needs[i]` are those among them
    that it waits for. What is settled comes after them, and nobody waits for it.
    """

    graph: Graph
    nodes: tuple[Node, ...]
    at: Mapping[Node, int]
    needs: tuple[tuple[int, ...], ...]
    steps: tuple[Step, ...]

    def step(self, place: int) -> Step:
        """The step of any of them."""
        taking_part = place < len(self.steps)
        return self.steps[place] if taking_part else self.graph.steps[self.nodes[place][0]]

    def rank(self) -> list[int]:
        """Cheap before expensive; within a price the longest way to the end first."""
        steps = self._patterns
        weights = {id(step): _weight(step) for step in {id(step): step for step in steps}.values()}
        way = tails(self.needs, range(len(steps)), [weights[id(step)] for step in steps])
        worth = [(step.price or ZERO, -way[n]) for n, step in enumerate(steps)]
        rank = [0] * len(steps)  # as whole numbers, which are compared often
        for place, n in enumerate(sorted(range(len(steps)), key=worth.__getitem__)):
            rank[n] = place
        return rank

    def pools(self) -> Sequence[tuple[str, ...]]:
        """The limits that each node works under: its provider's and its model's, or its pool's."""
        return [
            (step.op.pool, step.op.name) if step.op.kind == "hosted" else (step.op.pool,)
            for step in self._patterns
        ]

    @property
    def _patterns(self) -> list[Step]:
        """What stands for each of those that take part."""
        patterns = self.graph.patterns
        return [patterns[number] for number, _ in self.nodes[: len(self.needs)]]

    @property
    def settled(self) -> range:
        """The nodes that take no part."""
        return range(len(self.needs), len(self.nodes))


def _weight(step: Step) -> float:
    length = sum(expect.facts.seconds or 0.2 for expect in step.expects) or 0.2
    return length + (_HOSTED_SECONDS if step.op.kind == "hosted" else 0.0)


def parted(survey: Survey, decisions: Decisions) -> tuple[dict[Node, Stood], dict[Node, Decision]]:
    """What takes no part in a run, as what it makes is there; and what does, with what was decided."""
    heads, picks, more = survey.world.heads, survey.world.picks, survey.beyond or survey.retake
    stood: dict[Node, Stood] = {}
    part: dict[Node, Decision] = {}
    for lot in decisions.lots:
        like, several = lot.pattern, lot.pattern.takes > 1 or more
        known = survey.gists(lot.nodes) if lot.verdict == "reuse" else {}
        rows = zip(lot.nodes, lot.ids, lot.keys, map(known.get, lot.keys), strict=True)
        for row, (node, name, key, gist) in enumerate(rows):
            if gist is None or (picks and survey.pick(node) is not None):
                part[node] = lot.decision(row)
                continue
            one_of_many = several and survey.is_one_of_many(node)
            recipe = recipe_of(survey.manifests[node]) if one_of_many else ""
            before = heads.get((name, node[1]), "")
            stood[node] = _stood((name, like, node[1], key, recipe, gist.outputs, before))
    return dict(sorted(stood.items(), key=itemgetter(0))), part


def nodes(survey: Survey, part: Collection[Node], stood: Iterable[Node]) -> Nodes:
    """Those that take part in topological order, then what stood, in its own."""
    graph, numbers = survey.graph, {number for number, _ in part}
    active = [
        (number, take)
        for number in graph.order
        if number in numbers
        for take in survey.takes(number)
        if (number, take) in part
    ]
    rows = (*active, *stood)
    at = {node: place for place, node in enumerate(rows)}
    needs = tuple(_needs(survey, node, at, len(active)) for node in active)
    return Nodes(graph, rows, at, needs, tuple(graph.steps[number] for number, _ in active))


def _needs(survey: Survey, node: Node, at: Mapping[Node, int], active: int) -> tuple[int, ...]:
    """What it reads, what it was told to follow, and the first with the same request."""
    graph = survey.graph
    if (
        survey.beyond
        or survey.current
        or any(graph.patterns[n].takes > 1 for n in graph.needs[node[0]])
    ):
        wanted = _wanted(survey, node[0], at, active)
    else:  # as in most films: of all that it needs there is but one take
        wanted = {at.get((number, 1), active) for number in graph.needs[node[0]]}
    first = survey.first.get(survey.keys.get(node, ""), node)
    if first != node:
        wanted.add(at[first])
    return tuple(sorted([place for place in wanted if place < active]))


def _wanted(survey: Survey, number: int, at: Mapping[Node, int], active: int) -> set[int]:
    """The takes that a step reads, and all takes of what it follows."""
    graph, step = survey.graph, survey.graph.steps[number]
    wanted = {at.get(survey.node(ref), active) for ref in refs(step)}
    for name in step.needs:
        takes = range(1, graph.patterns[graph.index[name]].takes + 1)
        wanted |= {at.get((graph.index[name], take), active) for take in takes}
    return wanted
