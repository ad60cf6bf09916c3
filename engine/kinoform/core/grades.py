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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kinoform.core.manifests import Node
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
    found: dict[Node, Link] = {}
    for number in survey.graph.order:
        for take in survey.takes(number):
            grade = _own(survey, (number, take))
            if grade is not None:
                found[number, take] = _link(survey, (number, take), grade, found)
    return found


def _own(survey: Survey, node: Node) -> Grade | None:
    """The grade of a node by itself; what was chosen from an earlier recipe is kept, not remade."""
    if survey.pick(node) is not None:
        return "archived"
    result = survey.result(node)
    return None if result is None else own(result)


def _inputs(survey: Survey, node: Node) -> list[Node]:
    """What a node is made from; nothing where bytes that were chosen stand for it."""
    if survey.pick(node) is not None:
        return []
    return [survey.node(ref) for ref in refs(survey.graph.steps[node[0]])]


def _link(survey: Survey, node: Node, grade: Grade, found: Mapping[Node, Link]) -> Link:
    inputs = _inputs(survey, node)
    candidates = [Link(grade, node), *(found[each] for each in inputs if each in found)]
    last = weakest(link.grade for link in candidates)
    return min((link for link in candidates if link.grade == last), key=lambda link: link.weakest)


def builds(survey: Survey, final: Collection[int]) -> tuple[Build, ...]:
    """The grade of what these steps end with, folded by step name, in file order."""
    known = links(survey)
    ends: dict[str, list[Node]] = {}
    for node in sorted(node for node in known if node[0] in final):
        ends.setdefault(survey.graph.steps[node[0]].name, []).append(node)
    return tuple(_build(survey, known, name, nodes) for name, nodes in ends.items())


def _build(survey: Survey, known: Mapping[Node, Link], name: str, ends: Sequence[Node]) -> Build:
    grade = weakest(known[node].grade for node in ends)
    first = min(known[node].weakest for node in ends if known[node].grade == grade)
    alike = [node for node in _behind(survey, ends) if _own(survey, node) == grade]
    kinds = Counter(survey.graph.steps[number].op.kind for number, _ in alike)
    return Build(name, grade, survey.graph.steps[first[0]].id, kinds.total(), kinds["hosted"])


def _behind(survey: Survey, ends: Iterable[Node]) -> set[Node]:
    """These nodes and all inputs on the way to them; what is followed in order only is none."""
    seen: set[Node] = set()
    waiting = list(ends)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += _inputs(survey, node)
    return seen
