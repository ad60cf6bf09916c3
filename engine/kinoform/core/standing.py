"""The states that a step can be selected by: what a plan of the whole film and the last run say.

Pure: knows no file and no SQL. `core.select` uses the names, `api` brings plan and events.
"""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kinoform.core.classes import dataclass
from kinoform.core.run_state import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from kinoform.core.decisions import Lot
    from kinoform.core.run_state import RunState
    from kinoform.core.survey import Survey
    from kinoform.core.types import Event, Gist

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
    lots: Sequence[Lot], survey: Survey, failed: Collection[str] = ()
) -> dict[str, frozenset[str]]:
    """Step id to its states, from the decisions on a whole film and the ids of what failed.

    A step of several takes is in a state if one of them is, and `done` if all are.
    """
    found: dict[str, list[frozenset[str]]] = {}
    named = _Named()
    pins = {name for name, pick in survey.world.picks.items() if pick.kind == "pin"}
    for lot, there in zip(lots, kept(lots, survey), strict=True):
        reason = lot.reasons[0].kind if lot.reasons else ""
        for name, present in zip(lot.ids, there, strict=True):
            look = _Look(lot.verdict, reason, present, name in failed, name in pins)
            found.setdefault(name, []).append(named[look])
    return {step: _joined(takes) for step, takes in found.items()}


class _Named(dict[_Look, frozenset[str]]):
    """The states of what looks so: of ten thousand takes most look alike."""

    def __missing__(self, look: _Look) -> frozenset[str]:
        return self.setdefault(look, frozenset(n for n, test in _TESTS.items() if test(look)))


def _joined(takes: Sequence[frozenset[str]]) -> frozenset[str]:
    every, some = frozenset.intersection(*takes), frozenset[str]().union(*takes)
    return some - ({"done"} - every)


def kept(lots: Sequence[Lot], survey: Survey) -> list[list[bool]]:
    """Whether the bytes of each take are in the store, of this recipe or of the one before.

    Two look-ups for all of them; one list for each lot.
    """
    heads, keys = survey.world.heads, survey.keys
    now = survey.gists(chain.from_iterable(lot.nodes for lot in lots))
    rows = [
        [(keys.get(node, ""), heads.get((name, node[1]), "")) for name, node in lot.rows]
        for lot in lots
    ]
    befores = {before for row in rows for key, before in row if before and key not in now}
    old = survey.world.gists(befores) if befores else {}
    gists = [[now.get(key) or old.get(before) for key, before in row] for row in rows]
    wanted = {blob.digest for row in gists for gist in row if gist for blob in gist.outputs}
    gone = wanted - survey.world.present(wanted)
    return [[gist is not None and not _lacks(gist, gone) for gist in row] for row in gists]


def _lacks(gist: Gist, gone: Collection[str]) -> bool:
    return bool(gone) and any(blob.digest in gone for blob in gist.outputs)


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
