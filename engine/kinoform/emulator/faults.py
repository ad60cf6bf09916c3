"""What goes wrong when: a seeded plan of faults, asked at named points. Knows no wire."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.emulator.fault_plan import POINTS, Fault, Plan, Rule, read_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["POINTS", "Fault", "Faults"]


@dataclass(slots=True)
class _Tally:
    """How often a rule was asked and fired; `seen` numbers the tasks, `each` counts per task."""

    asked: int = 0
    fired: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    each: Counter[str] = field(default_factory=Counter)


class Faults:
    """The plan in force. Asking counts, so it is for one event loop.

    `now` gives seconds of the emulator's clock since its start.
    """

    def __init__(self, seed: int = 0, now: Callable[[], float] = lambda: 0.0) -> None:
        self._seed, self._now = seed, now
        self._rules: list[tuple[Rule, _Tally]] = []

    def at(self, point: str, provider: str, detail: Mapping[str, Any]) -> Fault | None:
        """The fault that strikes here, if any: that of the first rule that fires.

        `detail` may name the `task` and the `model`. Every rule that fits is counted, also behind
        the one that fires, so that what one rule does hangs on no other.
        """
        found: Fault | None = None
        for number, (rule, tally) in enumerate(self._rules):
            if rule.point != point or not _fits(rule, provider, detail):
                continue
            due = self._due(number, rule, tally, str(detail.get("task") or ""))
            if due and found is None:
                tally.fired += 1
                found = rule.fault
        return found

    def load(self, plan: Any, *, name: str = "the fault plan", add: bool = False) -> None:
        """Put a plan in force, in place of the one there was or (`add`) behind it.

        `plan` is YAML or JSON text, or what was read from it; a list is its rules. Raises SpecError with every fault.
        """
        plan = {"rules": plan} if isinstance(plan, list) else plan
        text = plan if isinstance(plan, str | bytes) else json.dumps(plan)
        self.take(read_plan(name, text.encode() if isinstance(text, str) else text), add=add)

    def take(self, plan: Plan, *, add: bool = False) -> None:
        """The same for a plan that was read."""
        if plan.seed is not None:
            self._seed = plan.seed
        kept = self._rules if add else []
        self._rules = [*kept, *((rule, _Tally()) for rule in plan.rules)]

    def report(self) -> list[dict[str, Any]]:
        """Each rule with how often it was asked and how often it fired, as JSON data."""
        return [
            {
                "rule": number,
                "point": rule.point,
                "provider": rule.provider,
                "model": rule.model,
                "match": dict(rule.match),
                "fault": {rule.fault.kind: dict(rule.fault.params)},
                "times": rule.times,
                "asked": tally.asked,
                "fired": tally.fired,
            }
            for number, (rule, tally) in enumerate(self._rules)
        ]

    def _due(self, number: int, rule: Rule, tally: _Tally, task: str) -> bool:
        """Count this time, and say whether the rule fires at it."""
        tally.asked += 1
        who = task or f"#{tally.asked}"
        place = tally.seen.setdefault(who, len(tally.seen) + 1)
        tally.each[who] += 1
        count = tally.each[who] if rule.match.get("per") == "task" else tally.asked
        chance = _chance(self._seed, number, task, tally.each[who] if task else tally.asked)
        seen = {
            "task": place,
            "every": count,
            "first": count,
            "probability": chance,
            "from": self._now(),
            "until": self._now(),
        }
        left = rule.times is None or tally.fired < rule.times
        return left and all(
            _HOLDS[name](seen[name], wanted) for name, wanted in rule.match.items() if name in seen
        )


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "task": lambda number, wanted: bool(number == wanted),
    "every": lambda count, wanted: bool(count % wanted == 0),
    "first": lambda count, wanted: bool(count <= wanted),
    "probability": lambda drawn, wanted: bool(drawn < wanted),
    "from": lambda now, wanted: bool(now >= wanted),
    "until": lambda now, wanted: bool(now <= wanted),
}


def _fits(rule: Rule, provider: str, detail: Mapping[str, Any]) -> bool:
    """Whether the rule is meant for this provider and model; a rule without them is for all."""
    if rule.provider and rule.provider != provider:
        return False
    return not rule.model or fnmatchcase(str(detail.get("model") or ""), rule.model)


def _chance(seed: int, rule: int, task: str, count: int) -> float:
    """A number in [0, 1) that follows from these alone: what others do changes nothing."""
    drawn = hashlib.sha256(f"{seed}|{rule}|{task}|{count}".encode()).digest()
    return int.from_bytes(drawn[:7], "big") / 256**7
