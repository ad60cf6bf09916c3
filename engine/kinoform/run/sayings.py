"""What a person reads of what did not come about, or of which nobody can tell. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import EnvError, KinoformError, OpError, Problem
from kinoform.core.money import dollars
from kinoform.core.remedies import REMEDIES
from kinoform.run.bench import blobs_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.tasks import Task
    from kinoform.core.types import Action, Decision
    from kinoform.ports import Fail, Unknown


def hint(kind: str) -> str:
    """What can be done about a class of failure."""
    return REMEDIES[kind].hint


def begin_again(action: Action) -> Problem:
    """A submit that came to nothing, where nothing new may be begun."""
    said = f"{action.step} was never accepted by the provider, and cost nothing"
    return Problem("not-accepted", said, hint="kinoform run begins it anew")


def nobody_knows(task: Task, move: Unknown) -> Problem:
    """What may have been spent, for what it may be, and how to decide."""
    found = f"; it may be {' or '.join(move.candidates)}" if move.candidates else ""
    said = f"{dollars(task.estimate)} may have been spent: {move.why}{found}"
    hint = f"kinoform settle {task.id[:8]} --adopt ID, --never-happened or --resubmit"
    return Problem("outcome-unknown", said, hint=hint)


def unrecorded(error: EnvError, task: str) -> EnvError:
    """What could not be written down of a task that was accepted: its id, which is worth keeping."""
    said = f"it was accepted as task {task}, which could not be written down"
    return EnvError(replace(each, message=f"{said}: {each.message}") for each in error.problems)


def failed(move: Fail, action: Action) -> KinoformError:
    """What a person reads: which field, whose code, what to do."""
    remedy = REMEDIES.get(move.kind, REMEDIES["broken"])
    code = f" ({move.code})" if move.code else ""
    at = move.field or (_readable(action.params) if move.kind == "moderation" else "")
    field = f"{at}: " if at else ""
    problem = Problem(
        remedy.code,
        f"{action.op.pool} says{code}: {field}{move.message}",
        hint=remedy.hint.replace("STEP", action.step),
        path=at,
    )
    return OpError(problem) if remedy.whose == "step" else EnvError(problem)


def _readable(params: Mapping[str, Any]) -> str:
    """What a filter can have looked at, where the provider does not say: texts and media."""
    words = [name for name, value in params.items() if "prompt" in name.lower() and value]
    media = {name for name, value in params.items() if any(blobs_in(value))}
    return ", ".join([*words, *sorted(media)])


def damaged() -> KinoformError:
    """A result that was there, and is not whole."""
    said = "its bytes are damaged in the store, and were set aside"
    return KinoformError(Problem("result-damaged", said, hint="run again"))


def no_provider(action: Action) -> Problem:
    """A model whose provider this version does not know."""
    said = f"{action.op.name}: no provider called {action.op.pool} is built into this version"
    return Problem("no-provider", said, hint="--draft makes the whole film offline and free")


def exit_of(decision: Decision) -> int:
    """The status that a step which is not even tried stands for, where its own refusal is why."""
    kind = decision.reasons[0].kind if decision.reasons else ""
    return {"refused": 1, "partial": 1, "gone": 4}.get(kind, 0)
