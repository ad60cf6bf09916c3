"""A fault plan read from text: rules with their settings, and every fault of the plan at once.

What a plan may say stands in `schemas/faults.json`. Knows no clock and no wire.
"""

from __future__ import annotations

import json
from dataclasses import field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kinoform.api.locate import shipped
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError, in_order
from kinoform.spec import source
from kinoform.spec.shape import Shape
from kinoform.spec.tree import Map, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

POINTS = {
    "accept": "a connection was made, and nothing was read from it; no provider is known yet",
    "connect": "a request's head was read; `method`, `path`",
    "submit-before-billing": "a task was found right; `task`, `model`",
    "submit-after-billing": "a task was billed and exists; `task`, `model`",
    "task": "the fate of a new task; `task`, `model`, `request`",
    "poll": "somebody asks about tasks; `task`",
    "list": "somebody asks for a list of tasks",
    "upload": "bytes of an input arrive",
    "download": "a hosted file is asked for; `id`",
    "account": "somebody asks for a balance, a price or bills",
}
# Any answer at all can be late or spoilt, and the clock can jump at any time.
ANSWERS = frozenset(
    {"drop", "html", "status", "echo", "truncate", "endless", "drip", "delay", "clock"}
)
MEANT = {
    "accept": {"refuse", "drop", "delay", "clock"},
    "connect": ANSWERS | {"refuse"},
    "submit-before-billing": ANSWERS | {"moderated"},
    "submit-after-billing": ANSWERS | {"duplicate", "empty"},
    "task": {
        "delay", "moderated", "fail", "partial", "empty", "duplicate", "expire", "forget", "clock",
    },
    "poll": ANSWERS | {"moderated", "fail", "partial", "empty", "duplicate", "forget"},
    "list": ANSWERS | {"empty", "forget"},
    "upload": ANSWERS | {"expire"},
    "download": ANSWERS | {"wrong-bytes", "wrong-type", "expire"},
    "account": ANSWERS | {"empty"},
}  # fmt: skip
_SHARES = (("match", "probability"), ("fault", "truncate", "share"))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. `emulator.wire` and the providers give each kind its meaning.

    `params` holds every setting of the kind that has a default, and those that were given.
    """

    kind: str
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault, where and when. Empty `provider` and `model` stand for any."""

    point: str
    fault: Fault
    provider: str = ""
    model: str = ""
    match: Mapping[str, Any] = field(default_factory=dict)
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Rules in order, and the seed if the plan names one."""

    rules: tuple[Rule, ...] = ()
    seed: int | None = None


def read_plan(name: str, data: bytes) -> Plan:
    """The plan in YAML or JSON text; `name` stands in messages. Raises SpecError with every fault."""
    tree = source.read(name, data)
    if tree is None:
        return Plan()
    if not isinstance(tree, Map):
        hint = "write `rules:` and a list below it"
        raise SpecError(Problem("no-fault-plan", f"{name} is no fault plan", None, hint))
    problems = _shape().check(tree) or [*_misplaced(tree), *_too_large(tree)]
    if problems:
        raise SpecError(in_order(problems))
    return Plan(tuple(map(_rule, tree.get("rules", ()))), tree.get("seed"))


def _rule(tree: Map) -> Rule:
    kind, params = _named(tree["fault"])
    settings = _settings(kind)
    given = {name: each["default"] for name, each in settings.items() if "default" in each}
    return Rule(
        point=tree["point"],
        fault=Fault(kind, MappingProxyType({**given, **params})),
        provider=tree.get("provider", ""),
        model=tree.get("model", ""),
        match=MappingProxyType(dict(tree.get("match", {}))),
        times=tree.get("times"),
    )


def _named(fault: Any) -> tuple[str, Mapping[str, Any]]:
    """The kind of a fault and its settings as written."""
    if isinstance(fault, str):
        return fault, {}
    kind, params = next(iter(fault.items()))
    return kind, params


def _misplaced(tree: Map) -> Iterator[Problem]:
    """Faults that are several, lack a setting, or mean nothing at their point."""
    for index, rule in enumerate(tree.get("rules", ())):
        fault, at = rule["fault"], f"rules[{index}].fault"
        place = where(rule, ["fault"])
        if not isinstance(fault, str) and len(fault) > 1:
            said = f"one rule has one fault, here are {len(fault)}"
            yield Problem("fault-not-here", said, place, "write a rule for each", at)
            continue
        kind, params = _named(fault)
        lacks = [name for name in _required(kind) if name not in params]
        if lacks:
            said = f"`{kind}` has no `{lacks[0]}`"
            hint = f"for example `fault: {{{kind}: {{{lacks[0]}: 30}}}}`"
            yield Problem("missing-key", said, place, hint, at)
        if kind not in MEANT[rule["point"]]:
            said = f"`{kind}` means nothing at the point `{rule['point']}`"
            hint = f"there: {', '.join(sorted(MEANT[rule['point']]))}"
            yield Problem("fault-not-here", said, place, hint, at)


def _too_large(tree: Map) -> Iterator[Problem]:
    """Shares and chances above 1."""
    for index, rule in enumerate(tree.get("rules", ())):
        for path in _SHARES:
            value = _reach(rule, path)
            if value is not None and value > 1:
                said = f"`{path[-1]}` is from 0 to 1, not {value:g}"
                at = f"rules[{index}].{'.'.join(path)}"
                yield Problem("not-a-share", said, where(rule, path), "", at)


def _reach(tree: Any, path: Sequence[str]) -> Any:
    for part in path:
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


@cache
def _schema() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((shipped("schemas") / "faults.json").read_bytes())
    return found


@cache
def _shape() -> Shape:
    return Shape(_schema())


def _settings(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _schema()["$defs"]["fault"]["properties"][kind].get("properties", {})
    return found


def _required(kind: str) -> Sequence[str]:
    found: Sequence[str] = _schema()["$defs"]["fault"]["properties"][kind].get("required", ())
    return found
