"""Draft: hosted ops replaced by the built-in renderer. The one place that knows the substitution.

A drafted step keeps its id, its place and its expectations; its request becomes the brief, so the
renderer knows no model, and no draft bytes can reach a hosted request.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeVar

from kinoform.core.graph import refs
from kinoform.core.manifest import fill, is_late, sources
from kinoform.core.types import Op, Url

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from kinoform.core.survey import Survey
    from kinoform.core.types import Expect, Graph, Step

SKETCH = "draft/sketch"
K = TypeVar("K")
V = TypeVar("V")


def _output(expect: Expect) -> dict[str, Any]:
    return {"media": expect.media, **asdict(expect.facts)}


def _offline(leaf: Any) -> Any:
    """An address is drawn as a placeholder; nothing is fetched."""
    return leaf.url if isinstance(leaf, Url) else leaf


def drafted(step: Step, version: int) -> Step:
    """The step with the renderer in place of its hosted op."""
    params = {
        "model": step.op.name,
        "brief": fill(dict(step.brief), _offline),
        "outputs": [_output(expect) for expect in step.expects],
    }
    op = Op(SKETCH, version, "draft", "cpu")
    return replace(step, op=op, params=params, inputs=sources(params), late=is_late(params))


def draft(steps: Sequence[Step], version: int, real: Collection[str] = ()) -> tuple[Step, ...]:
    """All hosted steps drafted, but for those whose real results are to be used."""
    return tuple(
        drafted(step, version)
        if step.op.kind == "hosted" and step.id not in real and not step.skip
        else step
        for step in steps
    )


def earnest(graph: Graph) -> frozenset[str]:
    """Ids of the steps that no draft stands before, in a graph that is partly drafted.

    What people chose for the film, and what it had last, counts for these, never what belongs to
    its drafts: so no draft bytes reach a hosted request by way of a choice either. None where
    nothing hosted is left.
    """
    if not any(step.op.kind == "hosted" for step in graph.patterns):
        return frozenset()
    clean: set[int] = set()
    for number in graph.order:
        step = graph.steps[number]
        if step.op.kind != "draft" and clean.issuperset(graph.index[r.step] for r in refs(step)):
            clean.add(number)
    return frozenset(graph.steps[number].id for number in clean)


def blend(drafts: Mapping[K, V], film: Mapping[K, V], of_film: Callable[[K], bool]) -> dict[K, V]:
    """What is known of the film where that counts, and of its drafts elsewhere."""
    kept = {key: value for key, value in drafts.items() if not of_film(key)}
    return kept | {key: value for key, value in film.items() if of_film(key)}


def with_inputs(graph: Graph, numbers: Iterable[int]) -> set[str]:
    """Ids of these steps and of all whose artifacts they are made from."""
    seen: set[int] = set()
    stack = list(numbers)
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            stack.extend(graph.index[ref.step] for ref in refs(graph.steps[number]))
    return {graph.steps[number].id for number in seen}


def held(survey: Survey, present: Collection[str]) -> set[str]:
    """Ids of hosted steps that have real results for every take, bytes and all.

    What stands behind a step that will be drafted is drafted too, also when it has a result of its
    own: a hosted step may never see draft bytes, not even as the name of an input.
    """
    graph, drafted_too = survey.graph, set[int]()
    found: set[str] = set()
    for number in graph.order:
        step = graph.steps[number]
        clean = drafted_too.isdisjoint(graph.index[ref.step] for ref in refs(step))
        if step.op.kind == "hosted" and not step.skip and clean and _whole(survey, number, present):
            found.add(step.id)
        elif step.op.kind == "hosted" or not clean:
            drafted_too.add(number)
    return found


def _whole(survey: Survey, number: int, present: Collection[str]) -> bool:
    takes = range(1, survey.graph.steps[number].takes + 1)
    found = [survey.gist((number, take)) for take in takes]
    return all(g is not None and all(b.digest in present for b in g.outputs) for g in found)
