"""The three answers for each instance and take: present, matching its recipe, chosen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.standing import WAITING, kept
from kinoform.views.fields import NAMED
from kinoform.views.plan import ident, words
from kinoform.views.words import home

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.core.survey import Survey
    from kinoform.core.types import Decision, Pick, Step
    from kinoform.views.fields import Fields

VERSION = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """`present`: bytes are in the store, of this recipe or of the one before.

    `matches`: they answer the recipe of today; None while that cannot be known yet.
    `chosen`: digest of a person's pick; `choice` says in words how that stands to this take, also
    where it is still to be made. `waits`: what it waits for, in words.
    """

    id: str
    step: str
    item: str
    take: int
    verdict: str
    present: bool
    matches: bool | None
    chosen: str
    waits: str
    choice: str = ""

    @property
    def recipe(self) -> str:
        """How it stands to its recipe, in one or two words."""
        if self.verdict == "skip":
            return "left out"
        if self.choice == "adopted":
            return "made by hand"
        if self.matches is None:
            return "not known yet"
        if self.matches:
            return "yes"
        return "edited since" if self.present else "not made yet"


def standings(pairs: Sequence[tuple[Decision, Step]], survey: Survey) -> list[Standing]:
    """One for each decision, in order; two look-ups for all of them."""
    there = kept([decision for decision, _ in pairs], survey)
    return [
        _standing(decision, step, survey, present=present)
        for (decision, step), present in zip(pairs, there, strict=True)
    ]


def _standing(decision: Decision, step: Step, survey: Survey, *, present: bool) -> Standing:
    pick = survey.world.picks.get(step.id)
    known = bool(decision.key) or decision.verdict == "skip"
    waits = decision.verdict in WAITING
    earlier = any(reason.kind == "chosen-earlier" for reason in decision.reasons)
    return Standing(
        id=ident(decision.step, decision.take, step),
        step=step.name,
        item=step.item,
        take=decision.take,
        verdict=decision.verdict,
        present=present,
        matches=(decision.verdict in ("reuse", "lost") and not earlier) if known else None,
        chosen=pick.digest if pick else "",
        waits="; ".join(map(words, decision.reasons)) if waits else "",
        choice=_choice(decision, step, survey, pick),
    )


def _choice(decision: Decision, step: Step, survey: Survey, pick: Pick | None) -> str:
    """How a choice stands to one take, in words; empty for a take that was not chosen."""
    if pick is None:
        return "waiting for a choice" if step.gate == "review" else ""
    if pick.kind == "adopt":
        return "adopted"
    if step.id not in survey.current:
        return "chosen for an earlier recipe"
    if survey.current[step.id] != decision.take:
        return ""
    return "pinned" if pick.kind == "pin" else "chosen"


def counts(rows: Sequence[Standing]) -> dict[str, int]:
    """How many there are, and how many give each answer; what is left out is not counted."""
    real = [row for row in rows if row.verdict != "skip"]
    return {
        "instances": len(real),
        "present": sum(row.present for row in real),
        "matching": sum(bool(row.matches) for row in real),
        "chosen": sum(bool(row.chosen) for row in real),
        "waiting": sum(bool(row.waits) for row in real),
        "lost": sum(row.verdict == "lost" for row in real),
    }


HEAD = ("step", "made", "up to date", "chosen", "waiting")


def folded(rows: Sequence[Standing]) -> Iterable[tuple[str, ...]]:
    """One row for each step: so many of so many."""
    groups: dict[str, list[Standing]] = {}
    for row in rows:
        groups.setdefault(home(row.step), []).append(row)
    for name, group in groups.items():
        found = counts(group)
        of = found["instances"]
        yield (
            name,
            f"{found['present']}/{of}",
            f"{found['matching']}/{of}",
            f"{found['chosen']}/{of}" if found["chosen"] else "",
            str(found["waiting"] or ""),
        )


HEAD_ALL = ("id", "made", "up to date", "chosen", "waiting")


def each(rows: Iterable[Standing]) -> Iterable[tuple[str, ...]]:
    """One row for each instance and take."""
    for row in rows:
        made = "yes" if row.present else "lost" if row.verdict == "lost" else "no"
        yield row.id, made, row.recipe, row.choice, row.waits


FIELDS: Fields = {
    **NAMED,
    "counts": "map: sums over `steps`; what is left out is not counted",
    "counts.instances": "integer: instances and takes",
    "counts.present": "integer: whose bytes are here",
    "counts.matching": "integer: made from the recipe of today",
    "counts.chosen": "integer: that somebody has chosen for",
    "counts.waiting": "integer: that wait for a pick or for what is made before",
    "counts.lost": "integer: paid for, and the bytes are gone",
    "steps": "list: one for each instance and take, in file order",
    "steps[].id": "string: step[@item], and #take where there are several",
    "steps[].step": "string: its step in the file",
    "steps[].item": "string or null: its item, null without foreach",
    "steps[].take": "integer: from 1, within one recipe",
    "steps[].verdict": "string: what a run would do, as in `plan`",
    "steps[].present": "boolean: bytes are here, of this recipe or the one before",
    "steps[].matches": "boolean or null: made from the recipe of today; null while not known",
    "steps[].chosen": "string or null: digest of what somebody chose",
    "steps[].choice": "string or null: how the choice stands to this take, in words",
    "steps[].waits": "string or null: what it waits for, in words",
}


def entry(row: Standing) -> dict[str, Any]:
    """One as plain data."""
    return {
        "id": row.id,
        "step": row.step,
        "item": row.item or None,
        "take": row.take,
        "verdict": row.verdict,
        "present": row.present,
        "matches": row.matches,
        "chosen": row.chosen or None,
        "choice": row.choice or None,
        "waits": row.waits or None,
    }
