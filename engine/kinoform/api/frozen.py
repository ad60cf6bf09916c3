"""What `--frozen` refuses: to build what would have to be bought, or fetched, first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kinoform.api.inputs import unfetched
from kinoform.core.address import masked
from kinoform.core.decisions import Decisions
from kinoform.core.errors import Problem, SpendError
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kinoform.api.planning import Planned
    from kinoform.core.types import Result

_NAMED: Final = 6
_BOUGHT: Final = ("run", "wait")
_LOST: Final = "{}: bought and named by the lock, but the bytes are not here"
_FAR: Final = "{}: nobody has fetched it, or its bytes are not here"
_NEW: Final = "{}: not bought, or the lock does not name it"


def locked(results: Mapping[str, Result], recorded: Mapping[str, Result]) -> dict[str, Result]:
    """What counts for a frozen build: of purchases only what the lock names, as it names it.

    So a build that passes here passes in every clone that has the same bytes.
    """
    made = {key: result for key, result in results.items() if result.kind != "hosted"}
    return made | {key: _fuller(results.get(key), named) for key, named in recorded.items()}


def _fuller(mine: Result | None, named: Result) -> Result:
    """The ledger's own record where it is of the same bytes, as it holds the manifest too."""
    same = mine is not None and _digests(mine) == _digests(named)
    return mine if mine is not None and same else named


def _digests(result: Result) -> list[str]:
    return [blob.digest for blob in result.outputs]


def refusals(planned: Planned) -> tuple[Problem, ...]:
    """Why this plan cannot be carried out without buying: the steps, and the line to type."""
    wanting = _named(planned, _BOUGHT)
    told = (
        (planned.lost, _LOST, "kinoform pull DIR"),
        (wanting, _NEW, "kinoform run, without --frozen"),
        (_far(planned), _FAR, "kinoform pull DIR, or kinoform run without --frozen"),
    )
    return tuple(
        Problem("frozen", text.format(_listed(steps)), hint=hint)
        for steps, text, hint in told
        if steps
    )


def _far(planned: Planned) -> list[str]:
    return [masked(url.url) for url in unfetched(planned)]


def hold(planned: Planned) -> None:
    """Raises SpendError for a plan that would buy, or needs what is lost."""
    if found := refusals(planned):
        raise SpendError(found)


def _named(planned: Planned, verdicts: Collection[str]) -> tuple[str, ...]:
    lots = planned.plan.decisions.lots
    hosted = (lot for lot in lots if lot.verdict in verdicts and lot.pattern.op.kind == "hosted")
    return tuple(dict.fromkeys(d.step for d in Decisions(hosted)))


def _listed(steps: Collection[str]) -> str:
    names = [short(step) for step in steps]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
