"""What a run leaves behind for each step besides its result: a record in the lock, a file in out/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import TypeAlias

    from kinoform.api.lockbook import LockBook
    from kinoform.api.outlets import Outlet
    from kinoform.api.planning import Planned
    from kinoform.core.report import Ended, Stood
    from kinoform.core.types import Blob, Result, Step

    Results: TypeAlias = Callable[[Collection[str]], Mapping[str, Result]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """A `run.showing.Gallery`: `outlet`, and for purchases the lock, if there is one."""

    outlet: Outlet
    planned: Planned
    lock: LockBook | None
    results: Results
    is_draft: bool

    def publish(self, step: Step, ended: Ended, made: Result | None, data: bytes) -> bool:
        """Show it, and write a purchase down that the lock does not name yet."""
        if self.lock is not None and self._is_locked(step, ended):
            known = self.planned.survey.known(ended.key) if ended.outcome == "reused" else None
            result = known or made or self.results({ended.key}).get(ended.key)
            if result is not None and result.manifest:
                self.lock.keep(step.id, result, fresh=known is None)
        return self.outlet.publish(step, ended, data)

    def unshown(self, stood: Sequence[Stood]) -> list[int]:
        """Which of what was there before has something to be shown or to be written down."""
        found = self.outlet.unshown(stood)
        lock = None if self.is_draft else self.lock
        for number, one in enumerate(stood):
            is_other = one.before and one.before != one.key
            if is_other or (
                lock and one.like.op.kind == "hosted" and not lock.holds(one.step, one.key)
            ):
                found.add(number)
        return sorted(number for number in found if not stood[number].like.hidden)

    def _is_locked(self, step: Step, ended: Ended) -> bool:
        """Whether what a step ended with belongs into the lock."""
        bought = ended.outcome == "done" or not self.is_draft
        return step.op.kind == "hosted" and bought and bool(ended.key)


def before(planned: Planned, results: Results) -> Callable[[Step, Ended], Sequence[Blob]]:
    """What a step ended with before this run, where that was something else."""
    heads = planned.survey.world.heads

    def stood(step: Step, ended: Ended) -> Sequence[Blob]:
        key = heads.get((step.id, ended.take), ended.key)
        if key != ended.key:
            found = results({key}).get(key)
            return found.outputs if found else ()
        if ended.outcome != "done":
            return ()
        # Bought again: the record of before has been replaced, and the plan has read what it said.
        gist = planned.survey.gist((planned.graph.index[step.id], ended.take))
        return gist.outputs if gist else ()

    return stood
