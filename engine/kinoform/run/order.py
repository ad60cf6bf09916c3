"""What one run is asked to do, and whom it asks and tells meanwhile."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from kinoform.core.decisions import Plan
    from kinoform.core.errors import Problem
    from kinoform.core.survey import Survey
    from kinoform.core.tasks import Cap
    from kinoform.core.types import Blob, Event, Source, Step
    from kinoform.run.showing import Gallery


@dataclass(frozen=True, slots=True)
class Order:
    """What to do and whom to tell.

    `supply` puts a project file's planned bytes into the store; `check` judges a request whose late
    values are known now; both raise KinoformError. `gallery` shows people what a step ended with: see `run.showing`. `tell` hears each event, and
    `rest` that nothing more can be begun for now. `limits` is work at once by pool, `caps` what may be spent,
    `unpriced` what each step of unknown price reserves of that (USD); `absent` says why a provider is
    not there; `scopes` names the project of steps that are made in earnest while others are drafted.
    `leave` is what remains to be done of a run that paid, in a thread of its own; it gives notes.
    """

    run: str
    project: str
    plan: Plan
    survey: Survey
    supply: Callable[[Source, Blob], None]
    check: Callable[[Step], None]
    gallery: Gallery
    tell: Callable[[Event], None]
    rest: Callable[[], None]
    limits: Mapping[str, int]
    caps: Sequence[Cap] = ()
    unpriced: Decimal = ZERO
    absent: Mapping[str, Problem] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    fail_fast: bool = False
    leave: Callable[[], tuple[Problem, ...]] = tuple
