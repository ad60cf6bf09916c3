"""What a plan touches in a chain of clips, in words: what is bought again, and how to stop that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.cli.opening import again
from kinoform.core.chains import touches
from kinoform.core.errors import Problem
from kinoform.core.money import dollars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.api.planning import Planned
    from kinoform.cli.options import Options
    from kinoform.core.chains import Touch

_PAIR = 2


def consequences(planned: Planned, options: Options) -> list[Problem]:
    """A warning for each chain, with the command that keeps its seam."""
    return [_said(planned, options, each) for each in touches(planned.plan, planned.survey)]


def _said(planned: Planned, options: Options, touch: Touch) -> Problem:
    first, *rest = _names(planned, (touch.step, *touch.again))
    said = f"touching {first} re-buys {_range(rest)}: {dollars(touch.price)}"
    if not touch.seam:
        return Problem("chain-touched", said, severity="warning")
    hint = again("adopt", replace(options, targets=(touch.seam,)))
    said = f"{said} (adopt the present seam frame to stop it)"
    return Problem("chain-touched", said, hint=hint, severity="warning")


def _names(planned: Planned, ids: Sequence[str]) -> list[str]:
    """Keys of the shots, where that is enough to tell the clips."""
    steps = [planned.step(name) for name in ids]
    same = len({step.name for step in steps}) == 1 and all(step.item for step in steps)
    return [step.item if same else step.id for step in steps]


def _range(names: Sequence[str]) -> str:
    if len(names) > _PAIR:
        return f"{names[0]} to {names[-1]}"
    return " and ".join(names)
