"""A plan as rows and as one document; reasons in words. Pure."""

from __future__ import annotations

from collections import Counter
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, get_args

from kinoform.core.address import masked
from kinoform.core.decisions import Decisions
from kinoform.core.graph import refs
from kinoform.core.money import dollars, text
from kinoform.core.types import File, Price, Ref, Url, Verdict
from kinoform.views.fields import NAMED, within
from kinoform.views.words import field, listed, many

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal
    from typing import TypeAlias

    from kinoform.core.decisions import Lot, Plan
    from kinoform.core.types import Decision, Graph, Reason, Step
    from kinoform.views.fields import Fields

    Row: TypeAlias = tuple[str, str, str, str]  # of a take: id, verdict, why, price

VERSION = 1
_REASONS = 2  # a row says so many, and how many more there are
_COUNTED = {
    "run": "{n} to run",
    "reuse": "{n} up to date",
    "wait": "{n} to see once what they wait for is made",
    "pick": "{n} waiting for a pick",
    "blocked": "{n} blocked",
    "skip": "{n} left out",
    "lost": "{n} lost",
}
_WORDS = {
    "new": "never made before",
    "when": "its `when` is false",
    "bytes-gone": "its bytes are not in this store",
    "forced": "asked for with --force",
    "upstream": "waits for {path}",
    "pick": "waits for a pick on {path}",
    "known-after-run": "a value is known after run: {path}",
    "same-request": "same request as {path} (write `takes` for more)",
    "lost": "needs {path}, which is lost",
    "stuck": "needs {path}, which is blocked",
    "under-way": "begun before and reserved ({new}): goes on from there",
    "chosen-earlier": "chosen for an earlier recipe (pick --reopen follows the new one)",
    "adopted": "a file that was adopted stands for it",
    "rebuy": "bought again, as asked",
    "equated": "{path} counts as what this was made from (equated by {new})",
    "retake": "one more take, as asked",
    "spare": "a take beyond those of the file",
    "refused": "was refused before: {new} (--rebuy sends it again)",
    "partial": "came only in part: {new} (--rebuy buys the rest)",
    "gone": "was paid for and is gone: {new} (--rebuy buys it again)",
    "input": "{path} changed",
    "op": "the operation changed: {old} is now {new}",
}


def words(reason: Reason) -> str:
    """A reason as a person would say it."""
    known, path = _WORDS.get(reason.kind), field(reason.path)
    if known is not None:
        return known.format(path=path, old=reason.old, new=reason.new)
    if not reason.old:
        return f"{path} is new: {reason.new}"
    if not reason.new:
        return f"{path} is gone: {reason.old}"
    return f"{path}: {reason.old} → {reason.new}"


def said(reason: Reason, step: Step) -> str:
    """The same, with the name of what stands at a changed input."""
    if reason.kind != "input":
        return words(reason)
    path, source = field(reason.path), source_name(step, reason.path)
    if not reason.new or not source:
        return f"{path} is gone"
    return f"{path} is new: {source}" if not reason.old else f"{source} changed ({path})"


def source_name(step: Step, path: str) -> str:
    """The step, file or address that a path of the request reads; empty for none."""
    source = step.inputs.get(path)
    if isinstance(source, Ref):
        return source.step
    if isinstance(source, File):
        return source.path
    return masked(source.url) if isinstance(source, Url) else ""


def why(reasons: Sequence[Reason], step: Step) -> str:
    """The first reasons of a decision, and how many more there are."""
    first = [said(reason, step) for reason in reasons[:_REASONS]]
    more = len(reasons) - len(first)
    return "; ".join([*first, *([f"{more} more"] if more else ())])


def ident(name: str, take: int, step: Step) -> str:
    """`clip@s020`, with `#2` only where the step has more than one take."""
    return f"{name}#{take}" if step.takes > 1 or take > 1 else name


def shown(plan: Plan, graph: Graph, *, everything: bool = False) -> list[tuple[Decision, Step]]:
    """Decisions with their steps in file order; inserted steps only when asked for."""
    lots = outlined(plan, everything=everything)
    return [(decision, graph.steps[graph.index[decision.step]]) for decision in Decisions(lots)]


def outlined(plan: Plan, *, everything: bool = False) -> list[Lot]:
    """The same, those together that are decided alike."""
    return [lot for lot in plan.decisions.lots if everything or not lot.pattern.hidden]


def price_text(price: Price | None) -> str:
    """A step's price for people: a range where it is one, nothing for free, "?" for unknown."""
    if price is None:
        return "?"
    if not price.worst:
        return ""
    if price.floor != price.expected:
        return f"≤ {dollars(price.worst)}"
    return dollars(price.expected)


def rows(lots: Iterable[Lot], graph: Graph) -> list[Row]:
    """Id, verdict, why, price: one row for each take, in file order."""
    found = chain.from_iterable(zip(lot.nodes, _rows(lot, graph), strict=True) for lot in lots)
    return [row for _, row in sorted(found)]


def _rows(lot: Lot, graph: Graph) -> Iterator[Row]:
    pattern, reasons, price = lot.pattern, lot.reasons, price_text(lot.price)
    names = [ident(name, take, pattern) for name, (_, take) in zip(lot.ids, lot.nodes, strict=True)]
    if any(
        reason.kind == "input" for reason in reasons
    ):  # to tell what stands there takes the step
        steps = (graph.steps[number] for number, _ in lot.nodes)
        return zip(names, repeat(lot.verdict), (why(reasons, s) for s in steps), repeat(price))
    return zip(names, repeat(lot.verdict), repeat(why(reasons, pattern)), repeat(price))


def counts(lots: Iterable[Lot]) -> dict[Verdict, int]:
    """How many of each verdict; all verdicts are named."""
    found: Counter[str] = Counter()
    for lot in lots:
        found[lot.verdict] += len(lot)
    return {verdict: found[verdict] for verdict in get_args(Verdict)}


def headline(lots: Iterable[Lot]) -> str:
    """One line: what there is to do."""
    found = counts(lots)
    parts = [_COUNTED[verdict].format(n=f"{n:,}") for verdict, n in found.items() if n]
    return f"{many(sum(found.values()), 'step')}: {', '.join(parts)}" if parts else "nothing here"


def cost(plan: Plan) -> str:
    """One line: what it may cost; a range where it is one."""
    price = plan.price
    said = dollars(price.expected) if price.worst else "nothing"
    if price.floor != price.worst:
        said = f"{said} expected, at least {dollars(price.floor)}, at most {dollars(price.worst)}"
    if plan.unpriced:
        said += f", and an unknown amount for {listed(dict.fromkeys(plan.unpriced))}"
    return f"price: {said}"


def priced(path: str, what: str, *, also: str = "") -> Fields:
    """The rows of a price."""
    return {
        path: f"map{also}: {what}",
        f"{path}.floor": "money: if everything that waits turns out to be known",
        f"{path}.expected": "money: if everything that waits runs",
        f"{path}.worst": "money: the same with duplicates that `resubmit` allows",
    }


def money(price: Price) -> dict[str, str]:
    """A price as decimal text."""
    return {
        "floor": text(price.floor),
        "expected": text(price.expected),
        "worst": text(price.worst),
    }


def reasons(found: Iterable[Reason]) -> list[dict[str, str | None]]:
    """Reasons as plain data."""
    return [
        {"kind": r.kind, "path": r.path or None, "old": r.old or None, "new": r.new or None}
        for r in found
    ]


def _entry(decision: Decision, step: Step) -> dict[str, Any]:
    return {
        "id": ident(decision.step, decision.take, step),
        "step": step.name,
        "item": step.item or None,
        "take": decision.take,
        "key": decision.key or None,
        "verdict": decision.verdict,
        "reasons": reasons(decision.reasons),
        "price": money(decision.price) if decision.price else None,
        "model": step.op.name,
        "provider": step.op.pool if step.op.kind == "hosted" else None,
        "needs": list(dict.fromkeys([*(ref.step for ref in refs(step)), *step.needs])),
    }


REASON: Fields = {
    "kind": "string: what kind of reason, such as changed, input, new, upstream",
    "path": "string or null: the field or step that it is about",
    "old": "string or null: the value before",
    "new": "string or null: the value now",
}
FIELDS: Fields = {
    **NAMED,
    "fingerprint": "string: digest of all that was decided; equal plans have equal ones",
    **priced("price", "what it may cost"),
    "price.currency": "string: USD",
    "price_real": "money: what a draft would cost in earnest; else as price.expected",
    "counts": "map: how many instances and takes have each verdict, all named",
    "counts.NAME": "integer: of this verdict",
    "steps": "list: one for each instance and take, in file order",
    "steps[].id": "string: step[@item], and #take where there are several",
    "steps[].step": "string: its step in the file",
    "steps[].item": "string or null: its item, null without foreach",
    "steps[].take": "integer: from 1, within one recipe",
    "steps[].key": "string or null: sha256 of the manifest; null while inputs are not known",
    "steps[].verdict": "string: run, reuse, wait, pick, blocked, skip or lost",
    "steps[].reasons": "list: why, the weightiest first",
    **within("steps[].reasons[]", REASON),
    **priced("steps[].price", "what it may cost; null where nobody knows", also=" or null"),
    "steps[].model": "string: the full model id, or the local operation",
    "steps[].provider": "string or null: who is asked; null for local work and drafts",
    "steps[].needs": "list of string: ids of the steps that it follows",
}


def document(
    name: str, plan: Plan, graph: Graph, price_real: Decimal, *, everything: bool = False
) -> dict[str, Any]:
    """The plan as `plan --json` prints it; money is decimal text."""
    pairs = shown(plan, graph, everything=everything)
    return {
        "version": VERSION,
        "name": name,
        "fingerprint": plan.fingerprint,
        "price": {**money(plan.price), "currency": "USD"},
        "price_real": text(price_real),
        "counts": counts(outlined(plan, everything=everything)),
        "steps": [_entry(decision, step) for decision, step in pairs],
    }
