"""Aliases with several candidates: each compiled under every one of them, then decided.

The first purchase records the decision in `kinoform.lock/models/`; a plan only says what it is.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING

from kinoform.api import lock
from kinoform.core.choice import Choice, Option, decide
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, SpecError
from kinoform.spec.aliases import open_aliases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kinoform.core.errors import Problem
    from kinoform.core.types import Event, Step
    from kinoform.spec.compile import Compiled
    from kinoform.spec.document import Document, ModelChoice


@dataclass(frozen=True, slots=True)
class Market:
    """What a choice asks: `compile` under given choices, how many steps are held, what is recorded.

    A record of a model that is no candidate, left from another profile or from before an edit of
    the file, is to be left out: it decides nothing.
    """

    document: Document
    compile: Callable[[Mapping[str, str]], Compiled]
    held: Callable[[Compiled, frozenset[str]], int]
    recorded: Mapping[str, str]


def standing_records(document: Document, records: Mapping[str, str]) -> dict[str, str]:
    """The records that name a candidate of their alias; any other may not even be a known model."""
    aliases = open_aliases(document)
    return {alias: model for alias, model in records.items() if model in aliases[alias].ids}


def settle(market: Market) -> tuple[Choice, ...]:
    """A choice for every alias with several candidates, each in the light of those before it.

    Raises SpecError when no candidate of an alias can say what its steps ask for.
    """
    made: list[Choice] = []
    taken = dict(market.recorded)
    aliases = open_aliases(market.document)
    standing = _standing(market, aliases)
    for alias, choice in aliases.items():
        made.append(_settle(market, alias, choice, standing | taken))
        taken[alias] = made[-1].model
    return tuple(made)


def _standing(market: Market, aliases: Mapping[str, ModelChoice]) -> dict[str, str]:
    """For each alias a candidate that can say its own steps, to stand there until it is decided.

    The first of the list is not enough: what it cannot say would be a fault under every candidate
    of every other alias, so that none of them could be decided.
    """
    found: dict[str, str] = {}
    if not _errors(market, market.recorded):
        return found
    for alias, choice in aliases.items():
        steps = _steps(market, alias)
        for model in choice.ids:
            errors = _errors(market, {**found, **market.recorded, alias: model})
            if not any(_of_steps(p.path, steps) for p in errors):
                found[alias] = model
                break
    return found


def _errors(market: Market, choices: Mapping[str, str]) -> list[Problem]:
    try:
        market.compile(choices)
    except SpecError as error:
        return [p for p in error.problems if p.severity == "error"]
    return []


def _steps(market: Market, alias: str) -> frozenset[str]:
    return frozenset(n for n, decl in market.document.steps.items() if decl.uses == alias)


def _settle(market: Market, alias: str, choice: ModelChoice, others: Mapping[str, str]) -> Choice:
    steps = _steps(market, alias)
    options = tuple(_option(market, alias, one, steps, others) for one in choice.ids)
    if alias in market.recorded:
        return Choice(alias, market.recorded[alias], "recorded", options)
    found = decide(alias, options, choice.prefer)
    # Nobody can say it: compiling under the first raises with every reason, at its place.
    return found or Choice(alias, choice.ids[0], "first", options)


def _option(
    market: Market, alias: str, model: str, steps: frozenset[str], others: Mapping[str, str]
) -> Option:
    try:
        compiled = market.compile({**others, alias: model})
    except SpecError as error:
        errors = (p for p in error.problems if p.severity == "error")
        lacks = dict.fromkeys(_lack(p.path, p.message, steps) for p in errors)
        return Option(model, lacks=tuple(lacks))
    prices = [_of(step) for step in compiled.steps if step.name in steps and not step.skip]
    known = [price for price in prices if price is not None]
    total = sum(known, Decimal(0)) if len(known) == len(prices) else None
    return Option(model, total, market.held(compiled, steps))


def _of(step: Step) -> Decimal | None:
    return None if step.price is None else step.price * step.takes


def _lack(path: str, message: str, steps: frozenset[str]) -> str:
    """The parameter that a candidate cannot express, or another fault as it is said."""
    name = path.partition(".with.")[2]
    return name if name and _of_steps(path, steps) else message


def _of_steps(path: str, steps: frozenset[str]) -> bool:
    return path.removeprefix("steps.").partition(".with.")[0] in steps


@dataclass(frozen=True, slots=True)
class Recorder:
    """Hears the events of a run and writes down a choice when it is first paid for."""

    root: Path
    document: Document
    choices: tuple[Choice, ...]
    problems: list[Problem] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """Record the alias of a step that was just bought; what fails is kept in `problems`.

        A record that cannot be written may not end a run: what was paid for comes first.
        """
        if event.kind != "result" or event.data.get("kind") != "hosted":
            return
        decl = self.document.steps.get(event.step.partition("@")[0])
        for choice in self.choices:
            if decl is not None and decl.uses == choice.alias and choice.why != "recorded":
                self._record(choice)

    def _record(self, choice: Choice) -> None:
        try:
            lock.record(self.root, choice.alias, choice.model)
        except EnvError as error:
            self.problems.extend(p for p in error.problems if p not in self.problems)
