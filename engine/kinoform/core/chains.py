"""Chains of clips: which ones are bought again only because the clip before them is. Pure.

A link leads from a clip to the next one over a frame that is cut from the first and begins the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.graph import refs
from kinoform.core.late import Unknown
from kinoform.core.manifest import key_of, manifest
from kinoform.core.money import ZERO
from kinoform.core.types import Derived, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from kinoform.core.decisions import Plan
    from kinoform.core.survey import Survey
    from kinoform.core.types import Graph, Identity, Source


@dataclass(frozen=True, slots=True)
class Touch:
    """A clip that is made again, and the clips behind it that are bought again for that alone.

    `seam` is the frame to keep so that they are not; empty where its bytes are gone. `price` is USD.
    """

    step: str
    again: tuple[str, ...]
    price: Decimal
    seam: str


@dataclass(frozen=True, slots=True)
class _Link:
    """From a clip over a frame to the next clip."""

    clip: str
    frame: str
    next: str


def touches(plan: Plan, survey: Survey) -> tuple[Touch, ...]:
    """What a plan touches in chains that were made before; looks only at steps with work to do."""
    links = [link for link in _links(plan, survey.graph) if _kept(survey, link)]
    if not links:
        return ()
    behind = {link.clip: link for link in links}
    moved = {link.next for link in links}
    prices: dict[str, Decimal] = {}
    for decision in plan.decisions:
        cost = decision.price.expected if decision.price else ZERO
        prices[decision.step] = prices.get(decision.step, ZERO) + cost
    found = (_touch(link, behind, prices, survey) for link in links if link.clip not in moved)
    return tuple(found)


def _links(plan: Plan, graph: Graph) -> Iterator[_Link]:
    lots = plan.decisions.active.lots
    frames = [node for lot in lots if lot.pattern.hidden for node in lot.nodes]
    bought = {n for lot in lots if lot.pattern.op.kind == "hosted" for n, _ in lot.nodes}
    for number, _ in sorted(frames):
        clips = [n for n in graph.needs[number] if n in bought]
        if len(clips) != 1:
            continue
        for user in graph.users[number]:
            if user in bought:
                yield _Link(graph.ids[clips[0]], graph.ids[number], graph.ids[user])


def _kept(survey: Survey, link: _Link) -> bool:
    """Whether the next clip would be there already, had the frame stayed what it was."""
    step = survey.graph.steps[survey.graph.index[link.next]]
    frame = survey.world.heads.get((link.frame, 1), "")
    if not frame or step.late or not any(ref.step == link.frame for ref in refs(step)):
        return False

    def identity(source: Source) -> Identity:
        if isinstance(source, Ref) and source.step == link.frame:
            return Derived(frame, source.index)
        return survey.identity(source)

    try:
        keys = {key_of(manifest(step, take, identity)) for take in range(1, step.takes + 1)}
    except Unknown:
        return False
    return keys <= set(survey.world.gists(keys))


def _touch(
    link: _Link, behind: Mapping[str, _Link], prices: Mapping[str, Decimal], survey: Survey
) -> Touch:
    again = [link.next]
    while again[-1] in behind:
        again.append(behind[again[-1]].next)
    total = sum((prices[name] for name in again), ZERO)
    frame = survey.world.heads[link.frame, 1]
    gists = survey.world.gists({frame})
    digests = {blob.digest for gist in gists.values() for blob in gist.outputs}
    whole = bool(digests) and survey.world.present(digests) == digests
    return Touch(link.clip, tuple(again), total, link.frame if whole else "")
