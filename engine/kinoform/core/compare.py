"""Two states of one film, side by side: steps, requests, what stands for them, money, length. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from kinoform.core.graph import sinks
from kinoform.core.manifest import diff, fill
from kinoform.core.types import Blob, File, Late, Price, Reason, Ref, Url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from kinoform.core.decisions import Plan
    from kinoform.core.types import Graph, Source, Step

Kind = Literal["added", "removed", "moved", "changed", "remade", "stale"]
CUT = "local/concat"


@dataclass(frozen=True)
class Side:
    """One state. `stands` is the artifact of each step by id, `paid` what the film cost (USD).

    `recipes` are known keys without what a step is called: equal ones ask for the same. `renamed`
    leads from the old ids of steps and items to the new ones, as the file declares them.
    """

    graph: Graph
    plan: Plan
    blobs: Mapping[Source, Blob]
    stands: Mapping[str, Blob]
    recipes: Mapping[str, str]
    paid: Decimal
    renamed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def due(self) -> frozenset[str]:
        """Ids of the steps that have something to do."""
        return frozenset(d.step for d in self.plan.decisions.active)

    @property
    def cut(self) -> float:
        """Seconds of the cut: of what joins clips, and is not joined itself; 0 where none is."""
        steps = self.graph.steps
        cuts = {n for n, step in enumerate(steps) if step.op.name == CUT and not step.skip}
        last = sinks(self.graph, cuts) or cuts
        return sum(e.facts.seconds or 0.0 for n in last for e in steps[n].expects[:1])


@dataclass(frozen=True, slots=True)
class Change:
    """What is another way round on the new side for one step; `was` is its old id where it moved.

    `changed`: its own request; `remade`: only what stands for it; `stale`: what it is made from, so
    that it will be made again. `price` is what that will cost.
    """

    kind: Kind
    step: str
    was: str = ""
    reasons: tuple[Reason, ...] = ()
    old: Blob | None = None
    new: Blob | None = None
    price: Price = field(default_factory=Price)


def changes(old: Side, new: Side) -> tuple[Change, ...]:
    """What differs, in the order of the new file; what was removed comes last."""
    before = {step.id: step for step in _steps(old.graph)}
    moved = _moved(old, new)
    prices = _prices(new.plan)
    found: list[Change] = []
    for step in _steps(new.graph):
        was = moved.get(step.id, step.id)
        change = _change(old, new, before.get(was), step)
        if change is not None:
            found.append(_priced(change, prices))
    here = {step.id for step in _steps(new.graph)}
    gone = [name for name in before if name not in here and name not in moved.values()]
    return (*found, *(Change("removed", name, old=old.stands.get(name)) for name in gone))


def _steps(graph: Graph) -> Iterator[Step]:
    return (step for step in graph.steps if not (step.hidden or step.skip))


def _moved(old: Side, new: Side) -> dict[str, str]:
    """New id to old id: as declared, and where the very same request has another name."""
    before = {step.id for step in _steps(old.graph)}
    here = {step.id for step in _steps(new.graph)}
    declared = {_renamed(name, new.renamed): name for name in before - here}
    found = {name: was for name, was in declared.items() if name in here - before}
    lost = {old.recipes[name]: name for name in sorted(before - here) if name in old.recipes}
    for name in sorted(here - before - set(found)):
        was = lost.get(new.recipes.get(name, ""))
        if was is not None and was not in found.values():
            found[name] = was
    return found


def _renamed(name: str, renamed: Mapping[str, str]) -> str:
    if name in renamed:
        return renamed[name]
    step, at, item = name.partition("@")
    return f"{renamed.get(step, step)}{at}{item}"


def _change(old: Side, new: Side, before: Step | None, step: Step) -> Change | None:
    now = new.stands.get(step.id)
    if before is None:
        return Change("added", step.id, new=now)
    stood = old.stands.get(before.id)
    reasons = _reasons(old, new, before, step)
    same = (stood.digest if stood else "") == (now.digest if now else "")
    if before.id != step.id:
        return Change("moved", step.id, before.id, reasons, stood, now)
    kind: Kind = (
        "changed"
        if reasons
        else "stale"
        if step.id in new.due and before.id not in old.due
        else "remade"
    )
    if kind == "remade" and same:
        return None
    return Change(kind, step.id, "", reasons, stood, now)


def _reasons(old: Side, new: Side, before: Step, step: Step) -> tuple[Reason, ...]:
    """What the file says otherwise; references are compared by name, files by their bytes."""
    found = diff(_request(before, old), _request(step, new))
    own = ((name, getattr(before, name), getattr(step, name)) for name in ("takes", "gate"))
    return (
        *found,
        *(Reason("changed", n, str(a or ""), str(b or "")) for n, a, b in own if a != b),
    )


def _request(step: Step, side: Side) -> dict[str, Any]:
    op = {"name": step.op.name, "version": step.op.version}

    def leaf(source: Source | Late) -> Any:
        if isinstance(source, Late):
            return f"worked out from {', '.join(_name(ref) for ref in source.refs)}"
        if isinstance(source, Ref):
            return _name(source)
        if isinstance(source, Url):
            return source.url
        blob = side.blobs.get(source)
        name = source.path if isinstance(source, File) else "data"
        return {"$bytes": blob.digest} if blob else name

    return {"op": op, "params": fill(step.params, leaf)}


def _name(ref: Ref) -> str:
    return f"{ref.step}#{ref.take}" if ref.take else ref.step


def _prices(plan: Plan) -> dict[str, Price]:
    found: dict[str, Price] = {}
    for decision in plan.decisions:
        price, sum_ = decision.price or Price(), found.get(decision.step, Price())
        found[decision.step] = Price(
            sum_.floor + price.floor, sum_.expected + price.expected, sum_.worst + price.worst
        )
    return found


def _priced(change: Change, prices: Mapping[str, Price]) -> Change:
    price = prices.get(change.step, Price())
    return Change(
        change.kind, change.step, change.was, change.reasons, change.old, change.new, price
    )
