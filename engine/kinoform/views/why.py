"""Why a step is not what it was: manifests compared, and changed inputs traced to their causes.

Pure: older results are looked up by the function that the survey was given.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.core.address import masked
from kinoform.core.classes import dataclass
from kinoform.core.graph import closure
from kinoform.core.late import Unknown, settled
from kinoform.core.manifest import at, diff, manifest
from kinoform.core.money import dollars, total
from kinoform.core.types import Derived, File, Late, Ref
from kinoform.core.words import differing
from kinoform.views import plan as plans
from kinoform.views.fields import NAMED, within
from kinoform.views.words import field, many

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kinoform.core.commits import Commit
    from kinoform.core.decisions import Plan
    from kinoform.core.manifests import Node
    from kinoform.core.survey import Survey
    from kinoform.core.types import Decision, Identity, Price, Reason, Result, Source, Step
    from kinoform.views.fields import Fields

VERSION = 1
DEPTH = 20  # so many steps up; asking for a step further up tells on
EACH = 6  # changes of one step that people are shown; a document has all
_LATER = "later"
_MARKS = " .,;:!?"  # around words that are the same in another sentence
_SAME = "nothing changed since it was made"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. `source` is the step, file or address that stands at a changed input.

    `because` tells of a step what changed there; None where that was told already or is no step.
    `at` is the step whose request says it, for a change that has no cause before it: a root.
    `shared` are the ids of all steps that the same words changed in, `bill` what it costs to bring
    these and all that follows up to date.
    """

    reason: Reason
    source: str = ""
    because: Cause | None = None
    at: str = ""
    shared: tuple[str, ...] = ()
    bill: Bill | None = None

    @property
    def root(self) -> Root:
        """Step and path of a root."""
        return self.at, self.reason.path


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


Root: TypeAlias = tuple[str, str]  # a step, and a path in its request
Since: TypeAlias = "Mapping[Root, Commit | None]"  # None: not committed yet
_Sign: TypeAlias = tuple[str, ...]
_Both: TypeAlias = "tuple[Mapping[str, Any], Mapping[str, Any]]"  # manifests, before and now
NOWHERE: Since = MappingProxyType({})


class Inquiry:
    """Tells causes in one plan; each step is explained once."""

    def __init__(self, plan: Plan, survey: Survey) -> None:
        self._plan, self._survey = plan, survey
        self._decisions = {(d.step, d.take): d for d in plan.decisions}
        self._told: set[Node] = set()
        self._signs: dict[_Sign, dict[str, None]] = {}

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

    def _shared(self, sign: _Sign) -> tuple[str, ...]:
        """Ids of the steps that show this sign; every step with work to do is looked at once."""
        if not self._signs:
            survey, graph = self._survey, self._survey.graph
            due = self._plan.decisions.active
            heads = {(d.step, d.take): survey.world.heads.get((d.step, d.take), "") for d in due}
            made = survey.world.results({key for key in heads.values() if key})
            for decision in due:
                last = made.get(heads[decision.step, decision.take])
                node = graph.index[decision.step], decision.take
                now = survey.manifests.get(node) or self._foreseen(graph.steps[node[0]], node[1])
                if last is not None and now is not None:
                    self._note(graph.steps[node[0]], last.manifest, now)
        return tuple(self._signs.get(sign, ()))

    def _note(self, step: Step, old: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for reason in diff(old, now):
            if not isinstance(step.inputs.get(reason.path), Ref):
                self._signs.setdefault(_sign(reason, step, old, now), {})[step.id] = None

    def _follows(self, names: Iterable[str]) -> Bill:
        """What it costs to bring these steps, and all that is made from them, up to date."""
        graph = self._survey.graph
        numbers = closure(graph, (graph.index[name] for name in names), up=False)
        whole = self._active({graph.steps[number].id for number in numbers})
        price = total(d.price for d in whole)
        return Bill(price, len(whole), price, len(whole))

    def _active(self, names: set[str]) -> list[Decision]:
        active = self._plan.decisions.active
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
        if key and key == old and (last is not None or survey.gist(node) is None):
            decision = self._decisions.get((step.id, node[1]))
            gone = decision is not None and decision.verdict != "reuse"
            said = gone or node in survey.equated  # the decision says it
            return ("" if said else _SAME), ()
        if last is None:
            here = survey.gist(node) is not None
            return ("made elsewhere, the same request" if here else "never made before"), ()
        now = survey.manifests.get(node) or self._foreseen(step, node[1])
        if now is None:
            return "", ()
        reasons = diff(last.manifest, now)
        changes = tuple(self._change(r, step, (last.manifest, now), depth) for r in reasons)
        return ("an earlier recipe again" if survey.gist(node) is not None else ""), changes

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

    def _change(self, reason: Reason, step: Step, both: _Both, depth: int) -> Change:
        source, old = step.inputs.get(reason.path), both[0]
        if reason.kind != "input" or not isinstance(source, Ref):
            name = getattr(source, "path", masked(getattr(source, "url", "")))
            shared = self._shared(_sign(reason, step, *both))
            bill = self._follows(shared) if shared else None
            return Change(reason, name, at=step.id, shared=shared, bill=bill)
        node = self._survey.node(source)
        if node in self._told or depth <= 0:
            return Change(reason, source.step)
        before = _made(at(old.get("params", {}), reason.path))
        head = self._survey.world.heads.get((source.step, node[1]), "")
        cause = self._cause(node, before or head, depth - 1)
        if not before and cause.note == _SAME:
            cause = replace(cause, note="another result stands for it since then")
        return Change(reason, source.step, cause)


def _sign(reason: Reason, step: Step, old: Mapping[str, Any], now: Mapping[str, Any]) -> _Sign:
    """What a change is known by in other steps: the file, or the words that came and went."""
    source = step.inputs.get(reason.path)
    if isinstance(source, File):
        return "file", source.path
    before, after = (at(each.get("params", {}), reason.path) for each in (old, now))
    if isinstance(before, str) and isinstance(after, str):
        return "words", *(words.strip(_MARKS) for words in differing(before, after))
    return reason.path, reason.old, reason.new


def _made(value: Any) -> str:
    return str(value.get("$made", "")) if isinstance(value, dict) else ""


def roots(cause: Cause) -> Iterator[Root]:
    """The changes that have no cause before them."""
    for change in cause.changes:
        if change.because is not None:
            yield from roots(change.because)
        elif change.at:
            yield change.root


def lines(cause: Cause, since: Since = NOWHERE, indent: int = 0) -> Iterable[str]:
    """The cause as indented text; `since` says which commit brought each root."""
    pad = "  " * indent
    note = f": {cause.note}" if cause.note else ""
    yield f"{pad}{cause.id}  {cause.verdict}{note}"
    for change in cause.changes[:EACH]:
        yield f"{pad}  {_line(change)}"
        yield from (f"{pad}    {said}" for said in _more(change, since))
        if change.because is not None:
            yield from lines(change.because, since, indent + 2)
    if len(cause.changes) > EACH:
        yield f"{pad}  and {len(cause.changes) - EACH} more"


def _more(change: Change, since: Since) -> Iterator[str]:
    """Of a root: which commit brought it, and who shares it."""
    if change.at and change.root in since:
        commit = since[change.root]
        yield f"since {commit}" if commit else "not committed yet"
    if len(change.shared) > 1 and change.bill is not None:
        price, runs = change.bill.whole, many(change.bill.whole_runs, "run")
        cost = f", {dollars(price.expected)}" if price.worst else ""
        yield f"shared by {len(change.shared):,} steps; all that follows: {runs}{cost}"


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
    "steps[].changes[].committed": "boolean or null: false while it is not in git; null where that is"
    " not known, and for a change with a cause before it",
    "steps[].changes[].since": "map or null: the commit that brought it: id, day, author, subject",
    "steps[].changes[].shared": "list of string: ids of all steps with the same change",
    **plans.priced(
        "steps[].changes[].shared_price",
        "to bring these and all that follows up to date",
        also=" or null",
    ),
    "steps[].changes[].shared_runs": "integer or null: how many runs that takes",
    **plans.priced("steps[].price", "to bring it up to date with all it needs"),
    "steps[].runs": "integer: how many runs that takes",
    **plans.priced("steps[].price_with_users", "the same with all that is made from it"),
    "steps[].runs_with_users": "integer: how many runs that takes",
}


def row(cause: Cause, since: Since = NOWHERE) -> dict[str, Any]:
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
                "because": row(change.because, since) if change.because else None,
                **_root_row(change, since),
            }
            for change in cause.changes
        ],
    }


def _root_row(change: Change, since: Since) -> dict[str, Any]:
    known = bool(change.at) and change.root in since
    commit = since[change.root] if known else None
    return {
        "committed": commit is not None if known else None,
        "since": asdict(commit) if commit else None,
        "shared": list(change.shared),
        "shared_price": plans.money(change.bill.whole) if change.bill else None,
        "shared_runs": change.bill.whole_runs if change.bill else None,
    }


def bill_row(bill: Bill) -> dict[str, Any]:
    """The bill as plain data."""
    return {
        "price": plans.money(bill.own),
        "runs": bill.runs,
        "price_with_users": plans.money(bill.whole),
        "runs_with_users": bill.whole_runs,
    }
