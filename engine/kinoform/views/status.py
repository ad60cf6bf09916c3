"""The three answers for each instance and take: present, matching its recipe, chosen. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.standing import WAITING, kept
from kinoform.views.fields import NAMED
from kinoform.views.plan import ident, words
from kinoform.views.words import home

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    from kinoform.core.decisions import Lot
    from kinoform.core.survey import Survey
    from kinoform.core.types import Decision, Pick, Step
    from kinoform.views.fields import Fields

    Held: TypeAlias = Sequence[tuple[Lot, Sequence[bool]]]

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


def held(lots: Sequence[Lot], survey: Survey) -> Held:
    """Each lot with whether the bytes of its takes are here; two look-ups for all of them."""
    return [*zip(lots, kept(lots, survey), strict=True)]


def standings(held: Held, survey: Survey) -> list[Standing]:
    """One for each take, in file order."""
    rows = chain.from_iterable(
        zip(lot.nodes, range(len(lot)), there, repeat(lot)) for lot, there in held
    )
    return [
        _standing(lot, row, survey, present=present)
        for _, row, present, lot in sorted(rows, key=itemgetter(0))
    ]


def _standing(lot: Lot, row: int, survey: Survey, *, present: bool) -> Standing:
    decision, step = lot.decision(row), survey.graph.steps[lot.nodes[row][0]]
    pick = survey.world.picks.get(step.id)
    known = bool(decision.key) or decision.verdict == "skip"
    return Standing(
        id=ident(decision.step, decision.take, step),
        step=step.name,
        item=step.item,
        take=decision.take,
        verdict=decision.verdict,
        present=present,
        matches=_matches(lot) if known else None,
        chosen=pick.digest if pick else "",
        waits="; ".join(map(words, lot.reasons)) if lot.verdict in WAITING else "",
        choice=_choice(decision, step, survey, pick),
    )


def _matches(lot: Lot) -> bool:
    """Whether those whose key is known answer the recipe of today."""
    earlier = any(reason.kind == "chosen-earlier" for reason in lot.reasons)
    return lot.verdict in ("reuse", "lost") and not earlier


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


_COUNTS = ("instances", "present", "matching", "chosen", "waiting", "lost")


def tallies(held: Held, picks: Mapping[str, Pick]) -> dict[str, Counter[str]]:
    """Step name to how many there are, and how many give each answer; what is left out is not counted."""
    found: dict[str, tuple[int, Counter[str]]] = {}
    for lot, there in held:
        for name, rows in _by_step(lot).items():
            first, tally = found.setdefault(name, (lot.nodes[rows[0]][0], Counter()))
            found[name] = min(first, lot.nodes[rows[0]][0]), tally
            if lot.verdict != "skip":
                tally.update(_tally(lot, rows, there, picks))
    return {name: tally for name, (_, tally) in sorted(found.items(), key=lambda row: row[1][0])}


def _by_step(lot: Lot) -> Mapping[str, Sequence[int]]:
    """The rows of each step: of all, unless the steps were written out one by one."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(map(home, lot.ids)):
        found[name].append(row)
    return found


def _tally(
    lot: Lot, rows: Sequence[int], there: Sequence[bool], picks: Mapping[str, Pick]
) -> dict[str, int]:
    named = [picks.get(lot.ids[row]) for row in rows] if picks else []
    return {
        "instances": len(rows),
        "present": sum(there[row] for row in rows),
        "matching": sum(bool(lot.keys[row]) for row in rows) if _matches(lot) else 0,
        "chosen": sum(pick is not None and bool(pick.digest) for pick in named),
        "waiting": len(rows) if lot.verdict in WAITING and lot.reasons else 0,
        "lost": len(rows) if lot.verdict == "lost" else 0,
    }


def counts(tallies: Mapping[str, Counter[str]]) -> dict[str, int]:
    """The same of all steps together."""
    return {name: sum(tally[name] for tally in tallies.values()) for name in _COUNTS}


HEAD = ("step", "made", "up to date", "chosen", "waiting")


def folded(tallies: Mapping[str, Counter[str]]) -> Iterable[tuple[str, ...]]:
    """One row for each step: so many of so many."""
    for name, found in tallies.items():
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
