"""How far a result could be made again: the grade of each, and that of a build, its weakest link.

Pure. `exact`: made here by a pinned tool. `seeded`: a hosted model that honours the seed on record.
`archived`: nothing but the kept bytes is left of it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kinoform.core import adopted
from kinoform.core.classes import dataclass
from kinoform.core.graph import refs
from kinoform.core.manifests import Node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kinoform.core.survey import Survey
    from kinoform.core.types import Grade, Result

ORDER: Final[tuple[Grade, ...]] = ("exact", "seeded", "archived")  # the weakest last


@dataclass(frozen=True, slots=True)
class Link:
    """The grade of what a node ends with, and the first node that makes it no better."""

    grade: Grade
    weakest: Node


@dataclass(frozen=True, slots=True)
class Build:
    """The grade of the final steps of one name: `links` inputs have it too, `hosted` of them bought.

    `weakest` is the id of the first of them; steps that are not made yet have no part in it.
    """

    step: str
    grade: Grade
    weakest: str
    links: int
    hosted: int


def own(result: Result) -> Grade:
    """The grade of a result by itself; what a record claims beyond its evidence is not believed."""
    if result.origin == adopted.OP:
        return "archived"
    if result.kind != "hosted":
        return "exact"
    return "seeded" if result.grade == "seeded" and result.seed is not None else "archived"


def weakest(grades: Iterable[Grade]) -> Grade:
    """The last of them in ORDER; of nothing, the best there is."""
    return max(grades, key=ORDER.index, default=ORDER[0])


def links(survey: Survey) -> dict[Node, Link]:
    """The link of every node that has a result, in topological order."""
    return _links(_owns(survey), _Inputs(survey))


def _owns(survey: Survey) -> dict[Node, Grade]:
    """The grade by itself of every node that has a result, in topological order."""
    nodes = ((number, take) for number in survey.graph.order for take in survey.takes(number))
    graded = ((node, _own(survey, node)) for node in nodes)
    return {node: grade for node, grade in graded if grade is not None}


def _own(survey: Survey, node: Node) -> Grade | None:
    """The grade of a node by itself; what was chosen from an earlier recipe is kept, not remade.

    The record of what was made here need not be read: nothing in it makes that any weaker.
    """
    if survey.pick(node) is not None:
        return "archived"
    if survey.gist(node) is None:
        return None
    if survey.graph.patterns[node[0]].op.kind != "hosted":
        return "exact"
    result = survey.result(node)
    return None if result is None else own(result)


class _Inputs(dict[Node, "Sequence[Node]"]):
    """What a node is made from; nothing where bytes that were chosen stand for it."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self._survey = survey

    def __missing__(self, node: Node) -> Sequence[Node]:
        return self.setdefault(node, self._found(node))

    def _found(self, node: Node) -> Sequence[Node]:
        survey, graph = self._survey, self._survey.graph
        if survey.pick(node) is not None:
            return ()
        needs = graph.needs[node[0]]
        several = survey.current or any(graph.patterns[number].takes > 1 for number in needs)
        if several or graph.patterns[node[0]].needs:
            return [survey.node(ref) for ref in refs(graph.steps[node[0]])]
        return [(number, 1) for number in needs]


def _links(owns: Mapping[Node, Grade], inputs: Mapping[Node, Sequence[Node]]) -> dict[Node, Link]:
    found: dict[Node, Link] = {}
    for node, grade in owns.items():
        behind = [found[each] for each in inputs[node] if each in found]
        found[node] = min([Link(grade, node), *behind], key=_weakness)
    return found


def _weakness(link: Link) -> tuple[int, Node]:
    return -ORDER.index(link.grade), link.weakest


def builds(survey: Survey, final: Collection[int]) -> tuple[Build, ...]:
    """The grade of what these steps end with, folded by step name, in file order."""
    owns, inputs = _owns(survey), _Inputs(survey)
    known = _links(owns, inputs)
    ends: dict[str, list[Node]] = {}
    for node in sorted(node for node in known if node[0] in final):
        ends.setdefault(survey.graph.ids[node[0]].partition("@")[0], []).append(node)
    return tuple(
        _build(survey, name, [known[node] for node in nodes], _behind(nodes, inputs), owns)
        for name, nodes in ends.items()
    )


def _build(
    survey: Survey,
    name: str,
    ends: Sequence[Link],
    behind: Iterable[Node],
    owns: Mapping[Node, Grade],
) -> Build:
    last, ids = min(ends, key=_weakness), survey.graph.ids
    alike = [number for number, take in behind if owns.get((number, take)) == last.grade]
    kinds = Counter(survey.graph.patterns[number].op.kind for number in alike)
    return Build(name, last.grade, ids[last.weakest[0]], kinds.total(), kinds["hosted"])


def _behind(ends: Iterable[Node], inputs: Mapping[Node, Sequence[Node]]) -> set[Node]:
    """These nodes and all inputs on the way to them; what is followed in order only is none."""
    seen: set[Node] = set()
    waiting = list(ends)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += inputs[node]
    return seen
