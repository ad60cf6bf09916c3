"""What a run leaves behind for each step besides its result: a record in the lock, a file in out/."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import TypeAlias

    from kinoform.api.lockbook import LockBook
    from kinoform.api.planning import Planned
    from kinoform.core.report import Ended
    from kinoform.core.types import Blob, Result, Step
    from kinoform.run.showing import Publish

    Results: TypeAlias = Callable[[Collection[str]], Mapping[str, Result]]


def kept(
    show: Callable[[Step, Ended], bool],
    planned: Planned,
    lock: LockBook | None,
    results: Results,
    *,
    draft: bool,
) -> Publish:
    """`show`, with the purchase written into the lock, if there is one that does not name it yet."""

    def publish(step: Step, ended: Ended, made: Result | None) -> bool:
        bought = ended.outcome == "done" or not draft
        if lock is not None and step.op.kind == "hosted" and bought and ended.key:
            known = planned.survey.known(ended.key) if ended.outcome == "reused" else None
            result = known or made or results({ended.key}).get(ended.key)
            if result is not None and result.manifest:
                lock.keep(step.id, result, fresh=known is None)
        return show(step, ended)

    return publish


def before(planned: Planned, results: Results) -> Callable[[Step, Ended], Sequence[Blob]]:
    """What a step ended with before this run, where that was something else."""
    heads = planned.survey.world.heads

    def stood(step: Step, ended: Ended) -> Sequence[Blob]:
        key = heads.get((step.id, ended.take), ended.key)
        if key == ended.key:  # bought again: the record of before has been replaced
            found = planned.survey.known(key) if ended.outcome == "done" else None
        else:
            found = results({key}).get(key)
        return found.outputs if found else ()

    return stood
