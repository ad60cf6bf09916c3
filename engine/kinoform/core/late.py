"""Values that are known only after something else has run, and what says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.manifest import fill, sources
from kinoform.core.types import Late, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.core.types import Facts, Ref, Step


class Unknown(Exception):  # noqa: N818  (not a fault: the answer to a question asked too early)
    """A key, an identity or a fact that is known only after something else has run."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.kind)


def settled(step: Step, facts_of: Callable[[Ref], Facts | None]) -> Step:
    """The step with every late value evaluated. Raises Unknown while a fact is missing."""
    if not step.late:
        return step

    def leaf(value: Any) -> Any:
        if not isinstance(value, Late):
            return value
        known = {ref: _known(ref, facts_of(ref)) for ref in value.refs}
        return value.value(known)

    params = fill(step.params, leaf)
    return _with_params(step, params)


def _with_params(step: Step, params: Mapping[str, Any]) -> Step:
    return replace(step, params=params, inputs=sources(params), late=False)


def _known(ref: Ref, facts: Facts | None) -> Facts:
    if facts is None:
        raise Unknown(Reason("known-after-run", ref.step))
    return facts
