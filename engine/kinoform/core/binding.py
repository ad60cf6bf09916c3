"""A plan that binds: what it decided and read, as plain data, and what has moved since. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.errors import Problem
from kinoform.core.money import dollars, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.core.types import Decision, Plan

VERSION: Final = 1
_NAMED: Final = 12  # things that moved which are said one by one

# How a thing that was read is called, by the prefix of its name.
_CALLED: Final = {"model:": "the model file of {}", "lock:": "the lock", "picks:": "the pick of {}"}


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
    reads = list(_reads(told["reads"], plan.reads))
    said = reads or list(_decisions(told, plan))
    more = len(said) - _NAMED
    said = [*said[:_NAMED], *([f"and {more} more"] if more > 0 else ())]
    hint = "make a plan again: kinoform plan -o FILE"
    found = said or ["something that the plan rests on changed"]
    return tuple(Problem("moved", each, hint=hint) for each in found)


def _reads(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"{_called(name)} is gone"
        elif name not in before:
            yield f"{_called(name)} is new"
        elif before[name] != after[name]:
            yield f"{_called(name)} changed"


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
