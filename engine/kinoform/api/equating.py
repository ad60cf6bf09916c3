"""Saying that new bytes count as old ones, so that what was made from the old stays valid."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.api import picking
from kinoform.core.candidates import find, starts
from kinoform.core.classes import dataclass
from kinoform.core.equates import Equate, Side, line
from kinoform.core.errors import Problem, UsageError
from kinoform.core.money import ZERO
from kinoform.core.plan import plan
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.core.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Effect:
    """Ids of steps that stay valid, or become stale, and USD for making them again."""

    steps: tuple[str, ...] = ()
    price: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Equating:
    """A record to write, or one to take back (`undo`), and what it changes."""

    equate: Equate
    effect: Effect
    undo: bool = False


def equate(
    project: Project, planned: Planned, words: Sequence[str], said: picking.Said
) -> Equating | None:
    """What `OLD NEW` would do; None where it was said already. Raises UsageError."""
    found = _every(project, planned)
    old, new = (find(found, word, project.name) for word in words)
    if old.digest == new.digest:
        said_ = f"{short(words[0])} and {short(words[1])} are the same bytes"
        raise UsageError(Problem("equate-same", said_, hint="they count as the same anyway"))
    at = time.strftime("%Y-%m-%d", time.localtime(project.now()))
    made = Equate(new.step, _side(planned, new), _side(planned, old), said.by, at, said.why)
    if len(line(made)) > picking.LONGEST:
        raise UsageError(picking.too_long())
    before = planned.survey.world.equates
    if any((each.new, each.old) == (made.new, made.old) for each in before):
        return None
    return Equating(made, _changed(planned, (*before, made)))


def part(planned: Planned, words: Sequence[str]) -> list[Equating]:
    """Taking back what these words name: digests, or names of takes. Raises UsageError."""
    before = planned.survey.world.equates
    old, new = words
    mine = [e for e in before if starts(e.old.digest, old) and starts(e.new.digest, new)]
    if not mine:
        said = f"nobody has equated {short(new)} with {short(old)}"
        names = ", ".join(f"{e.old.digest[7:19]} {e.new.digest[7:19]}" for e in before[:3])
        hint = f"there is {names}" if names else "nothing was equated here"
        raise UsageError(Problem("equate-unknown", said, hint=hint))
    rest = tuple(each for each in before if each not in mine)
    return [Equating(each, _changed(planned, rest), undo=True) for each in mine]


def digests(project: Project, planned: Planned, words: Sequence[str]) -> list[str]:
    """The same words with names of takes by their digests, as far as they are known."""
    known = {each.name: each.digest for each in _every(project, planned)}
    return [known.get(word, word) for word in words]


def _every(project: Project, planned: Planned) -> list[Candidate]:
    """All results by their bytes: the same bytes are one, whichever step has them."""
    steps = [step for step in planned.graph.steps if not (step.hidden or step.skip)]
    found = picking.candidates(project, planned, steps)
    return list(
        {each.digest: each for each in sorted(found, key=lambda c: bool(c.stands))}.values()
    )


def write(project: Project, equating: Equating) -> None:
    """Record it, or take it back. Raises EnvError, SpecError."""
    book = project.picks
    book.part(equating.equate) if equating.undo else book.equate(equating.equate)


def _side(planned: Planned, candidate: Candidate) -> Side:
    """The bytes, with the derivation by which those who read what is made here know them."""
    local = candidate.key and planned.step(candidate.step).op.kind != "hosted"
    own = local and candidate.recipe
    return Side(candidate.digest, candidate.key if own else "")


def _changed(planned: Planned, equates: tuple[Equate, ...]) -> Effect:
    """Steps that run in one of the two worlds only, and what they cost there."""
    world = replace(planned.survey.world, equates=equates)
    after, _ = plan(planned.graph, world, planned.want)
    runs = [
        {(d.step, d.take): d for d in found.decisions.active} for found in (planned.plan, after)
    ]
    differ = [d for at, d in (runs[0] | runs[1]).items() if (at in runs[0]) != (at in runs[1])]
    shown = dict.fromkeys(d.step for d in differ if not planned.step(d.step).hidden)
    return Effect(tuple(shown), sum((d.price.expected for d in differ if d.price), ZERO))
