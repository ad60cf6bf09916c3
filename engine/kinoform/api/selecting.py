"""What a selection has to look up before it can be read, each thing only where it is asked for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.select import Known, methods
from kinoform.core.standing import last_run, states

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from kinoform.core.decisions import Plan
    from kinoform.core.survey import Survey
    from kinoform.ports import Ledger
    from kinoform.spec.compile import Compiled
    from kinoform.spec.document import Document


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where the answers are. `whole()` plans the whole film; `ended()` is how steps ended last."""

    whole: Callable[[], tuple[Plan, Survey]]
    models: Callable[[], Mapping[str, Collection[str]]]
    ended: Callable[[], Mapping[str, Collection[str]]]

    def known(self, expressions: Collection[str]) -> Known:
        """What these expressions may ask for."""
        asks = methods(expressions)
        models = self.models() if "model" in asks else {}
        return Known(self._states() if "state" in asks else {}, models)

    def _states(self) -> dict[str, frozenset[str]]:
        found, survey = self.whole()
        failed = {step for step, ways in self.ended().items() if "failed" in ways}
        return states(found.decisions.lots, survey, failed)


def ended(ledger: Ledger, project: str) -> dict[str, set[str]]:
    """Step id to how its takes ended in the last run of this project. Raises EnvError.

    Reads every event there is: the ledger has no index by project, and this is asked for rarely.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for (step, _), state in last_run(ledger.events(), project).steps.items():
        found[step].add(state.state)
    return found


def models(document: Document, compiled: Compiled) -> dict[str, set[str]]:
    """Step name to what its model can be called: the alias as written, and the full id."""
    found: dict[str, set[str]] = defaultdict(set)
    for step in compiled.steps:
        found[step.name].add(step.op.name)
    for name, step_decl in document.steps.items():
        found[name].add(step_decl.uses)
    return found
