"""A plan that binds: what it decided and read, as plain data, and what has moved since. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kinoform.core import equates, picks
from kinoform.core.address import named
from kinoform.core.canon import digest_of, hexdigest
from kinoform.core.errors import Problem
from kinoform.core.manifest import outline
from kinoform.core.money import dollars, text
from kinoform.core.types import Url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.core.decisions import Plan
    from kinoform.core.survey import Survey
    from kinoform.core.types import Decision, Gist

VERSION: Final = 1
_NAMED: Final = 12  # things that moved which are said one by one

# How a thing that was read is called, by the prefix of its name.
_CALLED: Final = {
    "model:": "the model file of {}",
    "lock:": "the record kinoform.lock/{}",
    "pick:": "the pick of {}",
    "equate:": "what {} was equated with",
    "result:": "the recorded result of {}",
    "recipe:": "the request of {}",
}
_FOLLOWS: Final = ("lock:", "result:", "recipe:")  # what changes because something else did


def bound(plan: Plan, survey: Survey, locked: Mapping[str, str]) -> Plan:
    """The plan with all that it rests on in its `reads`, and so in its fingerprint.

    To files and model files come picks, addresses, `locked` (records of the lock by their place),
    what the ledger recorded, and the recipe of whatever waits. It costs a look at each step, so
    only a plan that is written down is bound.
    """
    rests = {
        **plan.reads,
        **{f"lock:{place}": digest for place, digest in locked.items()},
        **dict(_addresses(survey)),
        **{f"pick:{name}": _hashed(picks.line(p)) for name, p in survey.world.picks.items()},
        **{f"equate:{e.step}": _hashed(equates.line(e)) for e in survey.world.equates},
        **dict(_rows(plan, survey)),
    }
    return replace(plan, reads=rests)


def _addresses(survey: Survey) -> Iterator[tuple[str, str]]:
    """What addresses are pinned to; a signature in one is written down nowhere."""
    for source, blob in survey.world.blobs.items():
        if isinstance(source, Url):
            yield named(source.url), blob.digest


def _rows(plan: Plan, survey: Survey) -> Iterator[tuple[str, str]]:
    """What is recorded for each take, and the recipe of one whose key is not known yet."""
    graph = survey.graph
    for decision in plan.decisions:
        node = graph.index[decision.step], decision.take
        step, gist = graph.patterns[node[0]], survey.gist(node)
        several = step.takes > 1 or decision.take > 1
        name = f"{decision.step}#{decision.take}" if several else decision.step
        if gist is not None and step.op.kind == "hosted":
            yield f"result:{name}", _hashed(_bytes(gist))
        if not (decision.key or step.skip):
            yield f"recipe:{name}", hexdigest(outline(graph.steps[node[0]]))


def _bytes(gist: Gist) -> str:
    return " ".join(blob.digest for blob in gist.outputs)


def _hashed(text: str) -> str:
    return digest_of(text.encode())


def written(plan: Plan) -> dict[str, Any]:
    """The plan as data: every verdict with its key and worst price, and the digest of each read."""
    return {
        "fingerprint": plan.fingerprint,
        "reads": dict(plan.reads),
        "price": {
            "floor": text(plan.price.floor),
            "expected": text(plan.price.expected),
            "worst": text(plan.price.worst),
        },
        "decisions": [_row(decision) for decision in plan.decisions],
    }


def _row(decision: Decision) -> list[str | int]:
    worst = text(decision.price.worst) if decision.price else "?"
    return [decision.step, decision.take, decision.verdict, decision.key, worst]


def worst(told: Mapping[str, Any]) -> Decimal:
    """The most that a written plan may cost, in USD."""
    return Decimal(str(told["price"]["worst"]))


def moved(told: Mapping[str, Any], plan: Plan) -> tuple[Problem, ...]:
    """What is no longer as the written plan says, each by its name; nothing when all is."""
    if told["fingerprint"] == plan.fingerprint:
        return ()
    said = _said(told, plan)
    more = len(said) - _NAMED
    said = [*said[:_NAMED], *([f"and {more} more"] if more > 0 else ())]
    hint = "make a plan again: kinoform plan -o FILE"
    found = said or ["something that the plan rests on changed"]
    return tuple(Problem("moved", each, hint=hint) for each in found)


def _said(told: Mapping[str, Any], plan: Plan) -> list[str]:
    """What somebody changed; without that, what was made, bought or lost meanwhile."""
    found = list(_reads(told["reads"], plan.reads))
    causes = [said for name, said in found if not name.startswith(_FOLLOWS)]
    locked = [said for name, said in found if name.startswith("lock:")]
    if causes:
        return [*causes, *locked, *_dearer(told, plan)]
    return [*_decisions(told, plan), *locked] or [said for _, said in found]


def _reads(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield name, f"{_called(name)} is gone"
        elif name not in before:
            yield name, f"{_called(name)} is new"
        elif before[name] != after[name]:
            yield name, f"{_called(name)} changed"


def _dearer(told: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """What a thing that moved does to the price."""
    if worst(told) != plan.price.worst:
        yield f"the plan costs at most {dollars(worst(told))}, now {dollars(plan.price.worst)}"


def _called(name: str) -> str:
    for prefix, words in _CALLED.items():
        if name.startswith(prefix):
            return words.format(name.removeprefix(prefix))
    return name


def _decisions(told: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """What the stores say otherwise: something was made, bought or lost meanwhile, or costs more."""
    before = {(str(row[0]), int(row[1])): row for row in told["decisions"]}
    after = {(d.step, d.take): _row(d) for d in plan.decisions}
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield f"{name[0]} is {'gone' if new is None else 'new'}"
        elif old[2] != new[2]:
            yield f"{name[0]}: the plan says {old[2]}, now it is {new[2]}"
        elif old[4] != new[4]:
            yield f"{name[0]}: the plan says {_usd(old[4])}, now it is {_usd(new[4])}"
        elif old[3] != new[3]:
            yield f"{name[0]}: its request or an input changed"


def _usd(said: Any) -> str:
    return "an unknown price" if said == "?" else dollars(Decimal(str(said)))
