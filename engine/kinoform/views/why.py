"""Why a step is not what it was: manifests compared, and changed inputs traced to their causes.

Pure: older results are looked up by the function that the survey was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinoform.core.address import masked
from kinoform.core.graph import closure
from kinoform.core.manifest import diff, manifest
from kinoform.core.money import total
from kinoform.core.survey import Unknown, settled
from kinoform.core.types import Derived, Late, Ref
from kinoform.views import plan as plans
from kinoform.views.fields import NAMED, within
from kinoform.views.words import field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kinoform.core.survey import Node, Survey
    from kinoform.core.types import Decision, Identity, Plan, Price, Reason, Result, Source, Step
    from kinoform.views.fields import Fields

VERSION = 1
DEPTH = 20  # so many steps up; asking for a step further up tells on
EACH = 6  # changes of one step that people are shown; a document has all
_LATER = "later"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. `source` is the step, file or address that stands at a changed input.

    `because` tells of a step what changed there; None where that was told already or is no step.
    """

    reason: Reason
    source: str = ""
    because: Cause | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What one take of one step was made from last, against its recipe now.

    `old` and `key` are the two keys, empty while unknown; `note` says what no change can say.
    """

    id: str
    verdict: str
    old: str
    key: str
    note: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """USD: to bring a step up to date with what it needs, and with all that is made from it."""

    own: Price
    runs: int
    whole: Price
    whole_runs: int


class Inquiry:
    """Tells causes in one plan; each step is explained once."""

    def __init__(self, plan: Plan, survey: Survey) -> None:
        self._plan, self._survey = plan, survey
        self._decisions = {(d.step, d.take): d for d in plan.decisions}
        self._told: set[Node] = set()

    def ask(self, number: int, take: int) -> Cause:
        """Why this take of this step would run, or would not."""
        step = self._survey.graph.steps[number]
        self._told = set()
        return self._cause((number, take), self._survey.world.heads.get((step.id, take), ""), DEPTH)

    def bill(self, number: int) -> Bill:
        """What it costs to bring the step up to date."""
        graph = self._survey.graph
        up = {graph.steps[n].id for n in closure(graph, [number])}
        down = {graph.steps[n].id for n in closure(graph, [number], up=False)}
        own, whole = self._active(up), self._active(up | down)
        return Bill(
            total(d.price for d in own), len(own), total(d.price for d in whole), len(whole)
        )

    def _active(self, names: set[str]) -> list[Decision]:
        active = (d for d in self._plan.decisions if d.verdict in ("run", "wait"))
        return [d for d in active if d.step in names]

    def _cause(self, node: Node, old: str, depth: int) -> Cause:
        self._told.add(node)
        step, key = self._survey.graph.steps[node[0]], self._survey.keys.get(node, "")
        decision = self._decisions.get((step.id, node[1]))
        name = f"{step.id}#{node[1]}" if step.takes > 1 else step.id
        note, changes = self._told_of(node, old, depth)
        if decision and decision.reasons and not note and not changes:
            note = "; ".join(map(plans.words, decision.reasons))
        verdict = decision.verdict if decision else "reuse"
        return Cause(name, verdict, old, key, note, changes)

    def _told_of(self, node: Node, old: str, depth: int) -> tuple[str, tuple[Change, ...]]:
        survey, step = self._survey, self._survey.graph.steps[node[0]]
        if step.skip:
            return "its `when` is false", ()
        last, key = self._result(old), survey.keys.get(node, "")
        if key and key == old and (last is not None or survey.result(node) is None):
            decision = self._decisions.get((step.id, node[1]))
            gone = decision is not None and decision.verdict != "reuse"
            said = gone or node in survey.equated  # the decision says it
            return ("" if said else "nothing changed since it was made"), ()
        if last is None:
            here = survey.result(node) is not None
            return ("made elsewhere, the same request" if here else "never made before"), ()
        now = survey.manifests.get(node) or self._foreseen(step, node[1])
        if now is None:
            return "", ()
        reasons = diff(last.manifest, now)
        changes = tuple(self._change(r, step.inputs, last.manifest, depth) for r in reasons)
        return ("an earlier recipe again" if survey.result(node) is not None else ""), changes

    def _result(self, key: str) -> Result | None:
        return self._survey.world.results({key}).get(key) if key else None

    def _foreseen(self, step: Step, take: int) -> Mapping[str, Any] | None:
        """The manifest as far as it is known while inputs still wait to be made."""

        def identity(source: Source) -> Identity:
            try:
                return (
                    Derived(_LATER) if isinstance(source, Late) else self._survey.identity(source)
                )
            except Unknown:
                return Derived(_LATER)

        try:
            return manifest(settled(step, lambda _ref: None), take, identity)
        except Unknown:
            return None

    def _change(
        self, reason: Reason, inputs: Mapping[str, Source], old: Mapping[str, Any], depth: int
    ) -> Change:
        source = inputs.get(reason.path)
        if reason.kind != "input" or not isinstance(source, Ref):
            return Change(reason, getattr(source, "path", masked(getattr(source, "url", ""))))
        node = self._survey.node(source)
        if node in self._told or depth <= 0:
            return Change(reason, source.step)
        before = _made(_at(old.get("params", {}), reason.path))
        head = self._survey.world.heads.get((source.step, node[1]), "")
        return Change(reason, source.step, self._cause(node, before or head, depth - 1))


def _at(params: Any, path: str) -> Any:
    for part in path.split("."):
        try:
            params = params[int(part)] if isinstance(params, list) else params[part]
        except (LookupError, TypeError, ValueError):
            return None
    return params


def _made(value: Any) -> str:
    return str(value.get("$made", "")) if isinstance(value, dict) else ""


def lines(cause: Cause, indent: int = 0) -> Iterable[str]:
    """The cause as indented text."""
    pad = "  " * indent
    note = f": {cause.note}" if cause.note else ""
    yield f"{pad}{cause.id}  {cause.verdict}{note}"
    for change in cause.changes[:EACH]:
        yield f"{pad}  {_line(change)}"
        if change.because is not None:
            yield from lines(change.because, indent + 2)
    if len(cause.changes) > EACH:
        yield f"{pad}  and {len(cause.changes) - EACH} more"


def _line(change: Change) -> str:
    reason, path = change.reason, field(change.reason.path)
    if reason.kind != "input":
        return plans.words(reason)
    if not reason.new:
        return f"{path} is gone"
    if not reason.old:
        return f"{path} is new: {change.source}"
    return f"{path} changed: {change.source or 'another file'}"


FIELDS: Fields = {
    **NAMED,
    "steps": "list: one for each instance and take that was named",
    "steps[].id": "string: step[@item], and #take where there are several",
    "steps[].take": "integer: from 1, within one recipe",
    "steps[].verdict": "string: what a run would do, as in `plan`",
    "steps[].key": "string or null: of the recipe of today; null while not known",
    "steps[].previous": "string or null: key of what was made last",
    "steps[].note": "string or null: what no change can say",
    "steps[].changes": "list: what differs between the two manifests",
    **within("steps[].changes[]", plans.REASON),
    "steps[].changes[].source": "string or null: step, file or address at a changed input",
    "steps[].changes[].because": "map or null: what changed in that step: its id, verdict, key,"
    " previous, note and changes, in this same form",
    **plans.priced("steps[].price", "to bring it up to date with all it needs"),
    "steps[].runs": "integer: how many runs that takes",
    **plans.priced("steps[].price_with_users", "the same with all that is made from it"),
    "steps[].runs_with_users": "integer: how many runs that takes",
}


def row(cause: Cause) -> dict[str, Any]:
    """The cause as plain data."""
    return {
        "id": cause.id,
        "verdict": cause.verdict,
        "key": cause.key or None,
        "previous": cause.old or None,
        "note": cause.note or None,
        "changes": [
            {
                "kind": change.reason.kind,
                "path": change.reason.path or None,
                "old": change.reason.old or None,
                "new": change.reason.new or None,
                "source": change.source or None,
                "because": row(change.because) if change.because else None,
            }
            for change in cause.changes
        ],
    }


def bill_row(bill: Bill) -> dict[str, Any]:
    """The bill as plain data."""
    return {
        "price": plans.money(bill.own),
        "runs": bill.runs,
        "price_with_users": plans.money(bill.whole),
        "runs_with_users": bill.whole_runs,
    }
