"""Choosing between results: what there is to choose from, what a choice would change, writing it.

A choice is recorded for the film in the project, for its drafts in the home.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

from kinoform.api import outlets
from kinoform.core import adopted, picks
from kinoform.core import candidates as choices
from kinoform.core.candidates import Candidate, Stands
from kinoform.core.classes import dataclass
from kinoform.core.decisions import ACTIVE
from kinoform.core.errors import Problem, UsageError
from kinoform.core.ledger import to_record
from kinoform.core.manifest import recipe_of
from kinoform.core.money import ZERO
from kinoform.core.plan import plan
from kinoform.core.report import Ended
from kinoform.core.types import Event, Pick
from kinoform.stores.looks import looked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from kinoform.api.lockbook import LockBook
    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.core.errors import Severity
    from kinoform.core.types import Blob, Decision, Graph, Result, Step
    from kinoform.core.world import World

_STANDS: Final[Mapping[str, Stands]] = {"pick": "chosen", "pin": "pinned", "adopt": "adopted"}
LONGEST: Final = 1000  # characters of a line of picks/


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said with a choice."""

    by: str = ""
    why: str = ""
    kind: Literal["pick", "pin"] = "pick"


@dataclass(frozen=True, slots=True)
class Change:
    """What a choice changes for others: ids of what becomes stale, or may go on, and USD for each.

    `unpriced` are those among them whose price nobody knows.
    """

    stale: tuple[str, ...] = ()
    stale_price: Decimal = ZERO
    opened: tuple[str, ...] = ()
    opened_price: Decimal = ZERO
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice that can be written: the pick (None takes one back) and what it changes.

    `made` is a file that a person made, to be recorded with it.
    """

    step: str
    pick: Pick | None
    outputs: tuple[Blob, ...]
    change: Change
    problems: tuple[Problem, ...] = ()
    made: Result | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """One result that a step had, and when it came here."""

    recipe: str
    result: Result
    at: float


# what there is to choose from


def candidates(project: Project, planned: Planned, steps: Iterable[Step]) -> list[Candidate]:
    """Every result that these steps ever had here, in order. Raises EnvError, SpecError."""
    wanted = {step.id: step for step in steps}
    found = _records(project, planned, wanted)
    blobs = planned.survey.world.chosen
    digests = {b.digest for rows in found.values() for row in rows for b in row.result.outputs}
    present = project.home.store.has(digests | {blob.digest for blob in blobs.values()})
    listed: list[Candidate] = []
    for name, rows in found.items():
        made = [_candidate(planned, wanted[name], row, present) for row in rows]
        by_hand = [] if any(each.stands for each in made) else [*_adopted(planned, name, present)]
        listed += choices.in_order([*by_hand, *made])
    return listed


def _records(
    project: Project, planned: Planned, wanted: Mapping[str, Step]
) -> dict[str, list[_Row]]:
    """Step to its results with their recipes, the oldest first: of ledger, lock and plan."""
    keys: dict[str, dict[str, None]] = {name: {} for name in wanted}
    came: dict[str, float] = {}
    for event in project.home.ledger.events():
        if event.kind == "result":
            came.setdefault(event.key, event.at)
        if event.project == project.scope and event.kind in ("result", "head"):
            keys.get(project.moves.now(event.step), {})[event.key] = None
    lock = project.lock
    for key, result in ({} if project.is_draft else lock.all).items():
        keys.get(result.step, {})[key] = None
    for (number, _), key in planned.survey.keys.items():
        keys.get(planned.graph.steps[number].id, {})[key] = None
    known = project.records.results(set(chain.from_iterable(keys.values())))
    return {
        name: [
            _Row(_recipe(known[key], lock), known[key], came.get(key, 0.0))
            for key in mine
            if key in known and known[key].outputs
        ]
        for name, mine in keys.items()
    }


def _recipe(result: Result, lock: LockBook) -> str:
    if result.op == adopted.OP:
        return ""
    return recipe_of(result.manifest) if result.manifest else lock.recipes.get(result.key, "")


def _candidate(planned: Planned, step: Step, row: _Row, present: Collection[str]) -> Candidate:
    recipe, result = row.recipe, row.result
    today = planned.survey.manifests.get((planned.graph.index[step.id], 1))
    made = Candidate(
        step=step.id,
        outputs=result.outputs,
        recipe=recipe,
        take=result.take,
        seed=result.seed,
        paid=result.paid,
        current=today is not None and recipe_of(today) == recipe,
        present=all(blob.digest in present for blob in result.outputs),
        key=result.key,
        op=result.op,
        at=row.at,
    )
    return replace(made, stands=_stands(planned, step, made))


def _stands(planned: Planned, step: Step, made: Candidate) -> Stands:
    pick = planned.survey.world.picks.get(step.id)
    if pick is not None:
        same = (made.recipe, made.take, made.digest) == (pick.recipe, pick.take, pick.digest)
        return _STANDS[pick.kind] if same else ""
    return "first" if step.gate != "review" and made.current and made.take == 1 else ""


def _adopted(planned: Planned, name: str, present: Collection[str]) -> Iterator[Candidate]:
    """The file that was adopted: no recipe made it."""
    pick = planned.survey.world.picks.get(name)
    if pick is not None and pick.kind == "adopt":
        blob = planned.survey.world.chosen[name]
        yield Candidate(name, (blob,), present=blob.digest in present, stands="adopted")


def paths(project: Project, planned: Planned, candidate: Candidate) -> list[str | None]:
    """Where each artifact of a candidate is shown in out/ now, by a name of its own if there is one."""
    name, recipe, outputs = candidate.step, candidate.recipe, candidate.outputs
    stood = Ended(name, candidate.take or 1, "reused", recipe=recipe, outputs=outputs)
    naming = outlets.naming(planned, draft=project.is_draft)
    found: list[str | None] = [None] * len(candidate.outputs)
    rows = outlets.files(stood, 2, naming)
    for number, (name, blob) in enumerate(rows):
        place, file = number % len(found), project.root / name
        looked(file)
        if found[place] is None and file.is_file():
            found[place] = name if project.home.digests.digest(file).digest == blob.digest else None
    return found


def path(project: Project, planned: Planned, candidate: Candidate) -> str | None:
    """Where its first artifact is shown, which is the one that others read."""
    return paths(project, planned, candidate)[0]


def asks(planned: Planned) -> list[Step]:
    """The steps that have something to choose: several takes, a gate, or a choice."""
    made, survey = planned.survey.world.picks, planned.survey
    steps = ((n, s) for n, s in enumerate(planned.graph.steps) if not (s.hidden or s.skip))
    several = ((s, s.takes > 1 or n in survey.beyond) for n, s in steps)
    return [s for s, many in several if many or s.gate == "review" or s.id in made]


# a choice


def choose(project: Project, planned: Planned, candidate: Candidate, said: Said) -> Choice | None:
    """The choice of a candidate; None where it stands already. Raises UsageError."""
    step, before = candidate.step, planned.survey.world.picks.get(candidate.step)
    by, at = said.by, time.strftime("%Y-%m-%d", time.localtime(project.now()))
    kind = said.kind if candidate.recipe else "adopt"
    pick = Pick(step, candidate.digest, candidate.recipe, candidate.take, by, at, said.why, kind)
    if before is not None and _same(before, pick):
        return None
    if before is not None and before.kind == "pin" and said.kind != "pin":
        raise UsageError(pinned(step, "kinoform pick --pin chooses another one"))
    gone = () if candidate.present else (_missing(step, candidate.name),)
    change = changed(planned, step, pick, candidate.outputs[0])
    return Choice(step, pick, candidate.outputs, change, gone)


def _same(old: Pick, new: Pick) -> bool:
    """Whether a choice stands already; pinning what was picked is another one."""
    same = (old.digest, old.recipe, old.take) == (new.digest, new.recipe, new.take)
    return same and old.kind in (new.kind, "pin")


def pinned(step: str, hint: str, severity: Severity = "error") -> Problem:
    """What is said of a choice that was pinned, and stays."""
    return Problem("pick-pinned", f"{step} is pinned, and stays", hint=hint, severity=severity)


def _missing(step: str, name: str) -> Problem:
    said = f"the bytes of {step} {name} are not here"
    hint = "kinoform pull fetches them from a shared folder"
    return Problem("pick-without-bytes", said, hint=hint, severity="warning")


def reopen(planned: Planned, step: str) -> Choice | None:
    """Taking a choice back; None where there is none."""
    if step not in planned.survey.world.picks:
        return None
    return Choice(step, None, (), changed(planned, step, None, None))


def changed(
    planned: Planned, step: str, pick: Pick | None, blob: Blob | None, graph: Graph | None = None
) -> Change:
    """What a plan of the same wish would say otherwise if this were chosen; nothing is written.

    `graph` is that of the requests as they would be then, where they differ.
    """
    world = planned.survey.world
    made = {name: each for name, each in world.picks.items() if name != step}
    blobs = {name: each for name, each in world.chosen.items() if name != step}
    if pick is not None and blob is not None:
        made, blobs = {**made, step: pick}, {**blobs, step: blob}
    return compared(planned, replace(world, picks=made, chosen=blobs), graph)


def compared(planned: Planned, world: World, graph: Graph | None = None) -> Change:
    """What a plan of the same wish would say otherwise in another world."""
    after, _ = plan(graph or planned.graph, world, planned.want)
    old = {(d.step, d.take): d.verdict for d in planned.plan.decisions}
    new = after.decisions.active
    opened = [d for d in new if old.get((d.step, d.take)) == "pick"]
    stale = [d for d in new if old.get((d.step, d.take), "reuse") not in (*ACTIVE, "pick")]
    return Change(
        _ids(planned, stale),
        _worth(stale),
        _ids(planned, opened),
        _worth(opened),
        tuple(d.step for d in (*stale, *opened) if d.price is None),
    )


def _ids(planned: Planned, decisions: Sequence[Decision]) -> tuple[str, ...]:
    shown = (d.step for d in decisions if not planned.step(d.step).hidden)
    return tuple(dict.fromkeys(shown))


def _worth(decisions: Sequence[Decision]) -> Decimal:
    return sum((d.price.expected for d in decisions if d.price), ZERO)


def write(project: Project, planned: Planned, choice: Choice) -> tuple[Problem, ...]:
    """Record the choice and show it in out/; what could not be shown. Raises EnvError, UsageError."""
    if choice.pick is None:
        project.picks.remove(choice.step)
        return ()
    if len(picks.line(choice.pick)) > LONGEST:
        raise UsageError(too_long())
    if choice.made is not None:
        _record(project, choice.made)
    project.picks.write(choice.pick)
    if not project.home.store.has({blob.digest for blob in choice.outputs}):
        return ()
    pick = choice.pick
    ended = Ended(choice.step, pick.take or 1, "reused", "", pick.recipe, choice.outputs)
    return (*project.lock.problems, *project.show(ended, _stood(planned, choice.step)))


def _record(project: Project, made: Result) -> None:
    """Record what a person made: in the ledger, and for the film itself in the lock. Raises EnvError."""
    data, step = to_record(made), made.step
    event = Event(project.now(), "adopt", project.scope, "result", step, made.take, made.key, data)
    project.home.ledger.append([event])
    if not project.is_draft:
        project.lock.keep(step, made)


def shown(project: Project, planned: Planned, candidate: Candidate) -> tuple[Problem, ...]:
    """Show in out/ what stands already; what could not be shown."""
    take, outputs = candidate.take or 1, candidate.outputs
    ended = Ended(candidate.step, take, "reused", "", candidate.recipe, outputs)
    return project.show(ended, _stood(planned, candidate.step))


def too_long() -> Problem:
    """What is said of a reason that makes a line of picks/ too long."""
    said = f"with its reason the choice has more than {LONGEST:,} characters"
    return Problem("pick-too-long", said, hint="say it in fewer words")


def _stood(planned: Planned, name: str) -> Sequence[Blob]:
    """What stood for a step until now, so that it makes place in out/."""
    if name in planned.survey.world.picks:
        return (planned.survey.world.chosen[name],)
    gist = planned.survey.gist((planned.graph.index[name], 1))
    return gist.outputs if gist else ()


def gates(planned: Planned, unmade: Collection[str] | None = None) -> list[Step]:
    """Reviews that nobody has answered, that something waits for, and whose takes are all made.

    `unmade` are the ids of steps that a run could not make; without it, those that a plan would.
    """
    lots, picked = planned.plan.decisions.lots, planned.survey.world.picks
    waiting = {n for lot in lots if lot.verdict in ("pick", "wait") for n, _ in lot.nodes}
    if not waiting:
        return []
    unmet = (name for lot in lots if lot.verdict != "reuse" for name in lot.ids)
    missing = {*unmet} if unmade is None else unmade
    return [
        step
        for step, users in zip(planned.graph.steps, planned.graph.users, strict=True)
        if step.gate == "review" and not {step.id} & {*picked, *missing} and waiting & {*users}
    ]


def gate_problem(step: Step, command: str) -> Problem:
    """An open review as a note: what waits, and the command that answers it."""
    said = f"{step.id} waits for a choice"
    return Problem("waits-for-choice", said, hint=command, severity="warning")
