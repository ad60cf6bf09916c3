"""The states that a step can be selected by: what a plan of the whole film and the last run say.

Pure: knows no file and no SQL. `core.select` uses the names, `api` brings plan and events.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kinoform.core.classes import dataclass
from kinoform.core.ledger import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from kinoform.core.ledger import RunState
    from kinoform.core.survey import Survey
    from kinoform.core.types import Decision, Event

WAITING: Final = ("wait", "pick", "blocked")
_OPEN: Final = ("run", "reuse", *WAITING)
_REFUSED: Final = ("refused", "partial")


@dataclass(frozen=True, slots=True)
class _Look:
    """One take: its verdict with the first reason, and whether it failed in the last run.

    `present`: its bytes, of this recipe or of the one before, are in the store. `pinned`: its step is
    held to a choice that somebody pinned.
    """

    verdict: str
    reason: str
    present: bool
    failed: bool
    pinned: bool = False

    @property
    def done(self) -> bool:
        """Made by the recipe of today; what will share another step's request is not yet."""
        return self.verdict == "reuse" and self.present and self.reason != "same-request"

    @property
    def lost(self) -> bool:
        """Bought, and gone."""
        return self.verdict == "lost" or self.reason == "gone"

    @property
    def open(self) -> bool:
        """Neither done, nor lost, nor left out."""
        return self.verdict in _OPEN and not (self.done or self.lost)


_TESTS: Final[Mapping[str, Callable[[_Look], bool]]] = MappingProxyType(
    {
        "missing": lambda look: look.open and not look.present,
        "stale": lambda look: look.open and look.present,
        "done": lambda look: look.done,
        "waiting": lambda look: look.verdict in WAITING,
        "failed": lambda look: look.open and (look.failed or look.reason in _REFUSED),
        "under-way": lambda look: look.reason == "under-way",
        "lost": lambda look: look.lost,
        "pinned": lambda look: look.pinned,
    }
)
STATES: Final = tuple(_TESTS)


def states(
    decisions: Sequence[Decision], survey: Survey, failed: Collection[str] = ()
) -> dict[str, frozenset[str]]:
    """Step id to its states, from the decisions on a whole film and the ids of what failed.

    A step of several takes is in a state if one of them is, and `done` if all are.
    """
    found: dict[str, list[frozenset[str]]] = {}
    pins = {name for name, pick in survey.world.picks.items() if pick.kind == "pin"}
    for decision, present in zip(decisions, kept(decisions, survey), strict=True):
        reason = decision.reasons[0].kind if decision.reasons else ""
        is_failed, is_pinned = decision.step in failed, decision.step in pins
        look = _Look(decision.verdict, reason, present, is_failed, is_pinned)
        mine = frozenset(name for name, test in _TESTS.items() if test(look))
        found.setdefault(decision.step, []).append(mine)
    return {step: _joined(takes) for step, takes in found.items()}


def _joined(takes: Sequence[frozenset[str]]) -> frozenset[str]:
    every, some = frozenset.intersection(*takes), frozenset[str]().union(*takes)
    return some - ({"done"} - every)


def kept(decisions: Sequence[Decision], survey: Survey) -> list[bool]:
    """Whether the bytes of each take are in the store, of this recipe or of the one before.

    Two look-ups for all of them.
    """
    heads = [(d, survey.world.heads.get((d.step, d.take), "")) for d in decisions]
    old = survey.world.gists({head for _, head in heads if head})
    index = survey.graph.index
    found = [survey.gist((index[d.step], d.take)) or old.get(head) for d, head in heads]
    there = survey.world.present({blob.digest for g in found if g for blob in g.outputs})
    return [g is not None and all(blob.digest in there for blob in g.outputs) for g in found]


def last_run(events: Iterable[Event], project: str) -> RunState:
    """How the run ended that this project began last; an empty state where there was none."""
    run = ""
    mine: list[Event] = []
    for event in events:
        if event.kind == "run-started" and event.project == project:
            run, mine = event.run, []
        if run and event.run == run:
            mine.append(event)
    return fold(mine)
