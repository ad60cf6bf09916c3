"""Verdicts: what will run, what is reused, what waits, and what that may cost. Pure.

Forward, `core.survey` finds the keys; backward, need is decided (an intermediate that nobody needs
is not made again); forward again, what stands behind something lost is blocked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.decisions import ACTIVE, Decisions, Lot, Plan
from kinoform.core.graph import closure, refs, sinks
from kinoform.core.manifest import diff
from kinoform.core.money import ZERO
from kinoform.core.notes import notes
from kinoform.core.survey import Survey
from kinoform.core.tasks import STANDING, last_words
from kinoform.core.types import Price, Reason
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kinoform.core.equates import Equate
    from kinoform.core.manifests import Node
    from kinoform.core.tasks import Task
    from kinoform.core.types import Gist, Graph, Pick, Result, Step, Verdict
    from kinoform.core.world import World

_BEGUN = {"intended": "no answer yet", "unknown": "outcome unknown", "arrived": "ready"}
_GRAIN = Decimal("0.000001")  # USD
_DEAD = {"lost": "lost", "blocked": "stuck"}  # verdict upstream -> reason downstream
# What most steps of a large plan share, made once.
_FREE = Price()
_NEW: tuple[Verdict, tuple[Reason, ...]] = ("run", (Reason("new"),))
_MAKE: tuple[Verdict, tuple[Reason, ...]] = ("run", ())
_KEEP: tuple[Verdict, tuple[Reason, ...]] = ("reuse", ())


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: `goals` are made if absent; `final` may not stay lost.

    `force` makes local steps again although they are known; `rebuy` buys what is lost or was refused;
    `retake` are takes that are made whatever the file says of their number.
    """

    goals: frozenset[int]
    final: frozenset[int]
    force: frozenset[int] = frozenset()
    rebuy: frozenset[int] = frozenset()
    retake: frozenset[Node] = frozenset()


def wish(
    graph: Graph,
    targets: Iterable[int] = (),
    force: Iterable[int] = (),
    rebuy: Iterable[int] = (),
) -> Wish:
    """The wish for these targets; none means every visible step, and its sinks as final."""
    named = frozenset(targets)
    goals = named or frozenset(n for n, step in enumerate(graph.patterns) if not step.hidden)
    final = named or frozenset(sinks(graph, goals))
    return Wish(goals, final, frozenset(force), frozenset(rebuy))


@dataclass(slots=True)
class _Planning:
    """A plan in the making: verdicts by node, which the backward pass fills in.

    `present` are digests that the store holds, `whole` keys of results that it holds all of.
    """

    survey: Survey
    nodes: Sequence[Node]
    want: Wish
    present: set[str]
    whole: Collection[str]
    tasks: Mapping[str, Task]
    needed: set[Node] = field(default_factory=set)
    verdicts: dict[Node, tuple[Verdict, tuple[Reason, ...]]] = field(default_factory=dict)

    def step(self, node: Node) -> Step:
        """As far as all of its fan are alike."""
        return self.survey.graph.patterns[node[0]]

    def name(self, node: Node) -> str:
        return self.survey.graph.ids[node[0]]

    def need(self, node: Node) -> None:
        """Note what a node is made from."""
        survey, step = self.survey, self.survey.graph.steps[node[0]]
        if step.inputs or step.late:
            self.needed.update(map(survey.node, refs(step)))
        # What it follows in order only must be there too, as make's order-only prerequisites.
        for number in map(survey.graph.index.__getitem__, step.needs):
            takes = range(1, survey.graph.patterns[number].takes + 1)
            self.needed.update((number, take) for take in takes)


def _nodes(survey: Survey) -> list[Node]:
    return [
        (number, take)
        for number in survey.graph.order
        if number in survey.scope
        for take in survey.takes(number)
    ]


def _wanted(planning: _Planning, node: Node) -> bool:
    return node in planning.needed or node in planning.want.retake or node[0] in planning.want.goals


def _judge(planning: _Planning, node: Node) -> tuple[Verdict, tuple[Reason, ...]] | None:
    """The verdict of one node; None for one that nobody needs."""
    step, survey = planning.step(node), planning.survey
    if step.skip:
        return "skip", (Reason("when"),)
    # A take that neither the file asks for, nor a person has chosen.
    spare = node[1] > step.takes and node[1] != survey.current.get(planning.name(node))
    if spare or node in planning.want.retake:
        return _beyond(planning, node)
    pick = survey.pick(node)
    if pick is not None:
        return _chosen(planning, pick)
    if node in survey.unknown:
        reason = survey.unknown[node]
        return ("pick" if reason.kind == "pick" else "wait"), (reason,)
    if survey.keys[node] in planning.whole and node[0] not in planning.want.force:
        why = survey.equated.get(node)
        return ("reuse", tuple(map(_equated, why))) if why else _KEEP
    gist, tried = survey.gist(node), _tried(planning, node)
    if gist is not None and step.op.kind == "hosted" and tried is None:
        return _gone(planning, node)
    return (tried or _anew(planning, node, gist)) if _wanted(planning, node) else None


def _at_sight(planning: _Planning) -> dict[Node, tuple[Verdict, tuple[Reason, ...]]]:
    """The same of those steps of fans about which nothing is special."""
    survey, want, whole, tasks = planning.survey, planning.want, planning.whole, planning.tasks
    found: dict[Node, tuple[Verdict, tuple[Reason, ...]]] = {}
    for nodes, keys in survey.spelled if not want.force else ():
        known, first = survey.gists(nodes), survey.first
        pairs = [*zip(nodes, keys, strict=True)]
        if known:
            found.update((node, _KEEP) for node, key in pairs if key in whole)
            pairs = [pair for pair in pairs if pair[1] not in known]
        if tasks:
            pairs = [pair for pair in pairs if pair[1] not in tasks]
        found.update((n, _MAKE) for n, key in pairs if first[key] == n and n[0] in want.goals)
    return found


def _equated(equate: Equate) -> Reason:
    """Why a step stands on what was made from other bytes."""
    said = f"{equate.by}, {equate.at}" if equate.by else equate.at
    return Reason("equated", equate.step, "", f"{said}: {equate.why}" if equate.why else said)


def _anew(planning: _Planning, node: Node, gist: Gist | None) -> tuple[Verdict, tuple[Reason, ...]]:
    """What has no whole result, or is forced: made, unless another step asks for the same."""
    survey = planning.survey
    first = survey.first[survey.keys[node]]
    if first != node:
        return "reuse", (Reason("same-request", planning.name(first)),)
    if node[0] in planning.want.force:
        return "run", (Reason("forced"),)
    return _MAKE if gist is None else ("run", (Reason("bytes-gone"),))


def _beyond(planning: _Planning, node: Node) -> tuple[Verdict, tuple[Reason, ...]] | None:
    """A take that is made because a person asked for one more, or that nobody asks for."""
    if node in planning.want.retake:
        return _tried(planning, node) or ("run", (Reason("retake"),))
    is_whole = planning.survey.keys.get(node) in planning.whole
    return ("reuse", (Reason("spare"),)) if is_whole else None


def _chosen(planning: _Planning, pick: Pick) -> tuple[Verdict, tuple[Reason, ...]]:
    """A choice outlives its recipe: nothing is bought, and downstream keeps the chosen bytes."""
    kind = "adopted" if pick.kind == "adopt" else "chosen-earlier"
    if pick.digest in planning.present:
        return "reuse", (Reason(kind),)
    return "lost", (Reason("bytes-gone"),)


def _tried(planning: _Planning, node: Node) -> tuple[Verdict, tuple[Reason, ...]] | None:
    """What an earlier attempt to buy it stands for: it goes on, or a person has to say so."""
    task = planning.tasks and planning.tasks.get(planning.survey.keys[node])
    if not task:
        return None
    if task.is_open:
        return "run", (Reason("under-way", "", task.state, _BEGUN.get(task.state, task.state)),)
    if node[0] in planning.want.rebuy:
        return "run", (Reason("rebuy"),)
    if task.state in STANDING:
        return "blocked", (Reason(task.state, "", "", short(str(task.data.get("why", "")))),)
    return None


def _gone(planning: _Planning, node: Node) -> tuple[Verdict, tuple[Reason, ...]]:
    """What was bought, and whose bytes are gone."""
    if node[0] in planning.want.rebuy:
        return "run", (Reason("rebuy"),)
    return "lost", (Reason("bytes-gone"),)


def _tasks(survey: Survey, world: World, whole: Collection[str]) -> dict[str, Task]:
    """What the attempts at each key that is to be bought and not held come to; one query."""
    hosted = {n for n, step in enumerate(survey.graph.patterns) if step.op.kind == "hosted"}
    asked = survey.keys.items() if hosted else ()
    keys = [key for node, key in asked if node[0] in hosted and key not in whole]
    return last_words(world.tasks(keys)) if keys else {}


def _backward(planning: _Planning) -> None:
    needs, goals = planning.survey.graph.needs, planning.want.goals
    clear = _at_sight(planning)
    for node in reversed(planning.nodes):
        found = clear.get(node) or _judge(planning, node)
        if found is None:
            continue
        planning.verdicts[node] = found
        if found[0] in ACTIVE:
            if not goals.issuperset(needs[node[0]]):  # else what it needs is wanted already
                planning.need(node)
        elif found[1] and found[1][0].kind == "same-request":
            planning.needed.add(planning.survey.first[planning.survey.keys[node]])


def _verdict(planning: _Planning, node: Node) -> str:
    return planning.verdicts.get(node, ("run",))[0]


def _block(planning: _Planning) -> None:
    """What must run on an input that is lost cannot."""
    if not any(verdict in _DEAD for verdict, _ in planning.verdicts.values()):
        return
    for node in planning.nodes:
        if planning.verdicts.get(node, ("",))[0] not in ACTIVE:
            continue
        step = planning.survey.graph.steps[node[0]]
        nodes = [(ref.step, planning.survey.node(ref)) for ref in refs(step)]
        why = [Reason(_DEAD[v], step) for step, n in nodes if (v := _verdict(planning, n)) in _DEAD]
        if why:
            planning.verdicts[node] = ("blocked", tuple(why))


def _price(planning: _Planning, node: Node) -> Price | None:
    """USD for a take that is to be bought; what was begun is reserved already, and costs no more."""
    step, (verdict, reasons) = planning.step(node), planning.verdicts[node]
    if verdict not in ACTIVE or step.op.kind != "hosted":
        return _FREE
    if reasons and reasons[0].kind == "under-way":
        return _FREE
    if step.price is None:
        return None
    floor = ZERO if verdict == "wait" else step.price
    worst = step.price * planning.survey.world.dearer.get(step.op.name, Decimal(1))
    return Price(floor, step.price, max(worst.quantize(_GRAIN), step.price))


def _histories(planning: _Planning, world: World) -> Mapping[Node, Result]:
    """What each node that runs was the last time, for the reasons; one query."""
    if not world.heads:
        return {}
    heads = {
        node: world.heads.get((planning.name(node), node[1]), "")
        for node, (verdict, _) in planning.verdicts.items()
        if verdict == "run"
    }
    found = world.results({key for key in heads.values() if key})
    return {node: found[key] for node, key in heads.items() if key in found}


def _give_reasons(planning: _Planning, world: World) -> None:
    """Say why something is made that says nothing of it yet."""
    shared: dict[tuple[Reason, ...], tuple[Verdict, tuple[Reason, ...]]] = {}
    for node, last in _histories(planning, world).items():
        if not planning.verdicts[node][1]:
            why = diff(last.manifest, planning.survey.manifests[node]) or _NEW[1]
            planning.verdicts[node] = shared.setdefault(why, ("run", why))


def _decisions(planning: _Planning) -> Decisions:
    """Those that share a verdict and what is known of their steps together, as lots."""
    graph, keys, verdicts = planning.survey.graph, planning.survey.keys, planning.verdicts
    groups: defaultdict[tuple[int, int], list[Node]] = defaultdict(list)
    for node in sorted(verdicts):  # by the things themselves: to compare them takes longer
        groups[id(graph.patterns[node[0]]), id(verdicts[node])].append(node)
    return Decisions(
        Lot(
            pattern=planning.step(nodes[0]),
            verdict=verdicts[nodes[0]][0],
            reasons=(_NEW if verdicts[nodes[0]] is _MAKE else verdicts[nodes[0]])[1],
            price=_price(planning, nodes[0]),
            nodes=nodes,
            ids=[graph.ids[number] for number, _ in nodes],
            keys=[*map(keys.get, nodes, repeat(""))],
        )
        for nodes in groups.values()
    )


def plan(
    graph: Graph, world: World, want: Wish, reads: Mapping[str, str] | None = None
) -> tuple[Plan, Survey]:
    """The plan for a wish, with the survey that it rests on. Reads only; raises nothing of its own.

    Decisions come in file order, one for each take; hidden steps only when they have something to
    do or to show.
    """
    named = want.goals | {number for number, _ in want.retake}
    survey = Survey(graph, world, closure(graph, named), want.rebuy, want.retake).walk()
    nodes = _nodes(survey)
    gists = survey.gists(nodes)
    digests = {blob.digest for gist in gists.values() for blob in gist.outputs}
    present = world.present(digests | {pick.digest for pick in world.picks.values()})
    gone = digests - present
    whole = {
        key
        for key, gist in gists.items()
        if not gone or gone.isdisjoint(blob.digest for blob in gist.outputs)
    }
    planning = _Planning(survey, nodes, want, present, whole, _tasks(survey, world, whole))
    _backward(planning)
    _block(planning)
    _give_reasons(planning, world)
    decisions = _decisions(planning)
    return Plan(
        decisions=decisions,
        price=decisions.price,
        reads=dict(reads or {}),
        unpriced=decisions.unpriced,
        notes=tuple(notes(decisions.lots, survey)),
    ), survey


def lost(survey: Survey, found: Plan, want: Wish) -> tuple[str, ...]:
    """Ids of lost results that somebody needs: a final step, or an input of one that must run."""
    graph, lots = survey.graph, found.decisions.lots
    gone = Decisions(lot for lot in lots if lot.verdict == "lost")
    if not gone.lots:
        return ()
    read = {
        survey.node(ref)
        for lot in lots
        if lot.is_active or lot.verdict == "blocked"
        for number, _ in lot.nodes
        for ref in refs(graph.steps[number])
    }
    places = ((graph.index[d.step], d) for d in gone)
    needed = (d.step for n, d in places if n in want.final or (n, d.take) in read)
    return tuple(dict.fromkeys(needed))
