"""The one check before money: what may be spent, by whose word, and the ceilings of a run.

A project can only tighten what its user has set. What its own model files say of prices is a claim,
which never lets anything pass without a word.
"""

from __future__ import annotations

from decimal import ROUND_DOWN
from operator import itemgetter
from typing import TYPE_CHECKING

from kinoform.api.models import shipped_models
from kinoform.core.classes import dataclass
from kinoform.core.decisions import Decisions
from kinoform.core.errors import Problem, SpendError
from kinoform.core.money import ZERO, dollars, text
from kinoform.core.tasks import NANO, Cap

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from decimal import Decimal

    from kinoform.api.planning import Planned
    from kinoform.core.tasks import Task
    from kinoform.core.types import Price, Step
    from kinoform.spec.document import Budget

_PROJECT, _USER = "in the pipeline", "in the user's settings"
_RUN, _TOTAL = "budget.run {}", "budget.total {}"
_LESS = "allow more there, or name the steps to make: kinoform plan says what each costs"
_NAMED = 3  # steps that a message names


@dataclass(frozen=True, slots=True)
class Consent:
    """What the caller said: `--yes`, a ceiling in USD, and whether a person answered a question.

    `shown` is the most that the person was told it may cost (USD); None where nobody could tell.
    """

    yes: bool = False
    max_cost: Decimal | None = None
    answered: bool = False
    shown: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What user and project allow, in USD; None where neither set a ceiling.

    `run` is for one run, and `run_said` names who set it. `project` is for all that the project
    ever costs, `user` for all that the user ever spends. Above `ask_above` a person is asked.
    """

    run: Decimal | None
    run_said: str
    project: Decimal | None
    user: Decimal | None
    ask_above: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """What a run could really spend.

    Of some steps nobody knows the price (`unpriced`); of others only the project's own model file
    tells (`claimed`).
    """

    price: Price
    unpriced: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether nothing can be spent, as far as trustworthy prices tell."""
        return not (self.price.worst or self.always_asks)

    @property
    def always_asks(self) -> bool:
        """Whether no price is low enough to go on without a word."""
        return bool(self.unpriced or self.claimed)

    def __str__(self) -> str:
        said = f"this run may spend up to {dollars(self.price.worst)}"
        if self.unpriced:
            return f"{said} and an unknown amount for {_names(self.unpriced)}"
        if self.claimed:
            return f"{said}, as a model file of this project says of {_names(self.claimed)}"
        return said


def tightest(user: Budget, project: Budget) -> Ceilings:
    """The ceilings of both: a project's can only be lower, and it can only ask more often."""
    run = _lowest((project.run, _RUN.format(_PROJECT)), (user.run, _RUN.format(_USER)))
    asks = _lowest((user.ask_above or ZERO, ""), (project.ask_above, ""))
    most, said = run or (None, "")
    return Ceilings(most, said, project.total, user.total, asks[0] if asks else ZERO)


def bill(planned: Planned, providers: Container[str]) -> Bill:
    """What this run could really spend.

    Hosted steps without a provider cost nothing: they end as blocked.
    """
    shipped = shipped_models()
    active = planned.plan.decisions.active.lots
    mine = [lot for lot in active if _is_bought(lot.pattern, providers)]
    own = Decisions(lot for lot in mine if lot.pattern.op.name not in shipped)
    bought = Decisions(mine)
    return Bill(bought.price, bought.unpriced, tuple(d.step for d in own))


def _is_bought(step: Step, providers: Container[str]) -> bool:
    return step.op.kind == "hosted" and step.op.pool in providers


def confirm(
    planned: Planned, consent: Consent, ceilings: Ceilings, providers: Container[str]
) -> None:
    """Raises SpendError unless the worst case is covered by what was said.

    `--yes` is no word about money where nobody can be asked: only the answer to a question, or
    `--max-cost`, is.
    """
    asked = bill(planned, providers)
    if asked.is_free:
        return
    if consent.max_cost is None and not consent.answered:
        more = ", and what you allow for the unknown on top" if asked.unpriced else ""
        hint = f"say --max-cost {text(asked.price.worst)}{more}"
        raise SpendError(Problem("not-confirmed", str(asked), hint=hint))
    for ceiling, code, said in _limits(consent, ceilings):
        if asked.price.worst > ceiling:
            raise SpendError(Problem(code, f"{asked}; {said} is {dollars(ceiling)}", hint=_LESS))


def _limits(consent: Consent, ceilings: Ceilings) -> Iterator[tuple[Decimal, str, str]]:
    if consent.max_cost is not None:
        yield consent.max_cost, "above-max-cost", "--max-cost"
    if ceilings.run is not None:
        yield ceilings.run, "above-budget", ceilings.run_said
    if ceilings.project is not None:
        yield ceilings.project, "above-budget", _TOTAL.format(_PROJECT)
    if ceilings.user is not None:
        yield ceilings.user, "above-budget", _TOTAL.format(_USER)


def caps(run: str, project: str, consent: Consent, ceilings: Ceilings) -> tuple[Cap, ...]:
    """What reservation holds a run to: the ceiling of the run, of its project, of its user.

    Without a word about money the run's is 0: what was thought to be free may not turn out dear.
    """
    mine = _lowest(
        (consent.max_cost, "--max-cost"),
        (consent.shown, "what was agreed to"),
        (ceilings.run, ceilings.run_said),
    )
    if consent.max_cost is None and not consent.answered:
        mine = (ZERO, "a run without a word about money")
    found = [Cap("run", run, *mine)] if mine else []
    if ceilings.project is not None:
        found.append(Cap("project", project, ceilings.project, _TOTAL.format(_PROJECT)))
    if ceilings.user is not None:
        found.append(Cap("user", "", ceilings.user, _TOTAL.format(_USER)))
    return tuple(found)


def share(asked: Bill, ceilings: Sequence[Cap], tasks: Callable[[], Iterable[Task]]) -> Decimal:
    """USD that each step of unknown price may take: an equal part of what the ceilings leave.

    0 where there is no such step, or no ceiling. Raises SpendError where nothing is left for them.
    """
    if not (asked.unpriced and ceilings):
        return ZERO
    known = tuple(tasks())
    left, cap = min(((cap.most - _taken(cap, known), cap) for cap in ceilings), key=itemgetter(0))
    rest = (left - asked.price.worst) / len(asked.unpriced)
    part = rest.quantize(NANO, ROUND_DOWN)
    if part <= 0:
        said = f"{asked}; {cap.said} leaves nothing for that"
        hint = f"each step of unknown price may take its share of what is above {dollars(asked.price.worst)}"
        raise SpendError(Problem("above-budget", said, hint=hint))
    return part


def _taken(cap: Cap, tasks: Iterable[Task]) -> Decimal:
    """What counts against a ceiling already."""
    return sum((task.paid + task.reserved for task in tasks if cap.covers(task)), ZERO)


def _lowest(*each: tuple[Decimal | None, str]) -> tuple[Decimal, str] | None:
    return min(((most, who) for most, who in each if most is not None), default=None)


def _names(steps: tuple[str, ...]) -> str:
    more = f" and {len(steps) - _NAMED} more" if len(steps) > _NAMED else ""
    return ", ".join(steps[:_NAMED]) + more
