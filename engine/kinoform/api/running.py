"""A plan carried out: what was agreed to, who does it, and what of it is shown, kept and told.

Loaded by a run only: a plan spends, makes and shows nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.api import frozen
from kinoform.api.choices import Recorder
from kinoform.api.consent import Consent, caps, confirm, tightest
from kinoform.api.drafts import earnest
from kinoform.api.execute import Desk, execute
from kinoform.api.keeping import Keeper, before
from kinoform.api.models import catalog
from kinoform.api.outlets import Outlet, check_late, naming
from kinoform.api.watch import Watch
from kinoform.core.classes import dataclass
from kinoform.core.money import ZERO
from kinoform.stores.digests import FileDigests
from kinoform.stores.looks import worked
from kinoform.stores.members import Members
from kinoform.stores.sheet import Sheet
from kinoform.stores.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal
    from pathlib import Path

    from kinoform.api.home import Home
    from kinoform.api.lockbook import LockBook
    from kinoform.api.planning import Planned
    from kinoform.api.records import Records
    from kinoform.api.setting import Setting
    from kinoform.core.moves import Moves
    from kinoform.core.report import Ended, RunReport
    from kinoform.core.types import Blob, Source, Step
    from kinoform.ports import Ledger
    from kinoform.spec.document import Document


@dataclass(frozen=True, slots=True)
class Ground:
    """What of a project a run stands on.

    `scope` is the name under which the ledger records what is made, `film` that of what is made in
    earnest; `supply(source, blob)` puts what a step takes of the project into the store.
    """

    root: Path
    home: Home
    setting: Setting
    document: Document
    lock: LockBook
    records: Records
    moves: Moves
    scope: str
    film: str
    supply: Callable[[Source, Blob], None]


def run(
    ground: Ground, planned: Planned, consent: Consent | None, watch: Watch | None
) -> RunReport:
    """Do what the plan says. Raises SpendError before anything starts, EnvError."""
    setting, said = ground.setting, consent or Consent()
    if setting.frozen:
        frozen.hold(planned)
    budget = tightest(setting.budget, ground.document.budget)
    confirm(planned, said, budget, setting.hosted.known)
    outlet, save = outlet_of(ground, planned, before(planned, ground.home.ledger.results))
    if planned.plan.decisions.active.lots:
        worked()
        outlet.ready()
    recorder = Recorder(ground.root, ground.document, planned.choices)
    heard = watch or Watch()
    heard = heard.also(recorder.hear) if planned.choices and not setting.frozen else heard
    since = setting.clock.now()
    report = execute(
        ground.home,
        setting,
        planned,
        _desk(ground, planned, outlet),
        heard,
        lambda run: caps(run, ground.film, said, budget),
    )
    save()
    said_of = (*report.notes, *outlet.said(), *recorder.problems, *ground.lock.problems)
    return replace(_reckoned(report, ground.home.ledger, since), notes=said_of)


def _reckoned(report: RunReport, ledger: Ledger, since: float) -> RunReport:
    """With what was booked for attempts that failed since then: it is paid, though nothing came."""
    keys = {end.key for end in report.ended if end.outcome == "failed" and end.key}
    if not keys:
        return report
    taken: dict[str, Decimal] = {}
    for task in ledger.tasks(keys):
        if task.moved >= since:
            taken[task.key] = taken.get(task.key, ZERO) + task.paid
    ended = (
        replace(end, paid=taken.pop(end.key, ZERO)) if end.outcome == "failed" else end
        for end in report.ended
    )
    return replace(report, ended=tuple(ended))


def _desk(ground: Ground, planned: Planned, outlet: Outlet) -> Desk:
    own = earnest(planned.graph) if ground.setting.draft else frozenset[str]()
    lock = None if ground.setting.frozen else ground.lock
    results, is_draft = ground.records.results, bool(ground.setting.draft)
    return Desk(
        project=ground.scope,
        supply=ground.supply,
        check=lambda step: check_late(catalog(ground.root), step),
        gallery=Keeper(outlet, planned, lock, results, is_draft=is_draft),
        results=results,
        scopes=dict.fromkeys(own, ground.film),
    )


def outlet_of(
    ground: Ground, planned: Planned, before: Callable[[Step, Ended], Sequence[Blob]]
) -> tuple[Outlet, Callable[[], None]]:
    """The way into out/, and what saves what was learnt of the files there."""
    members = Members(Sheet(ground.home.index, f"out:{ground.scope}"))
    digests = FileDigests(members)

    def save() -> None:
        digests.flush()
        members.save()

    view = View(ground.root, ground.home.store, digests, members)
    names = naming(planned, draft=bool(ground.setting.draft), moves=ground.moves)
    return Outlet(view, ground.document.exports, before, names), save
