"""Several runs of one film at once: each piece of work is done by one of them, and shared."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING

from film import ENOUGH, Film, executed, outcomes

from kinoform.api.project import Asked
from kinoform.api.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from kinoform.core.report import RunReport
    from kinoform.core.types import Action, Event


class Meeting:
    """Makes the first purchase last until somebody else has been told to wait for it."""

    def __init__(self, film: Film) -> None:
        self.met, self.said = threading.Event(), list[str]()
        self.answer, film.provider.answer = film.provider.answer, self._slow

    def _slow(self, action: Action) -> bytes:
        assert self.met.wait(60)
        return self.answer(action)

    def hear(self, event: Event) -> None:
        if event.kind == "held":
            self.said.extend(event.data["why"])
            self.met.set()


def _at_once(film: Film, count: int) -> tuple[Meeting, list[RunReport]]:
    meeting = Meeting(film)
    projects = [film.open() for _ in range(count)]
    plans = [project.plan() for project in projects]
    with ThreadPoolExecutor(count) as pool:
        runs = [
            pool.submit(project.run, planned, ENOUGH, Watch(meeting.hear))
            for project, planned in zip(projects, plans, strict=True)
        ]
        return meeting, [run.result() for run in runs]


def test_four_runs_at_once_buy_everything_once(film: Film) -> None:
    meeting, reports = _at_once(film, 4)
    assert film.bought() == 18
    assert set(film.provider.submits.values()) == {1}
    assert sum(len(executed(report)) for report in reports) == len(
        set().union(*map(executed, reports))
    )
    assert all(set(outcomes(report).values()) <= {"done", "reused"} for report in reports)
    assert sum(report.paid() for report in reports) == film.provider.price * 18
    assert "process" in meeting.said[0]
    assert film.run() == set()


def test_who_waits_for_another_run_can_leave(film: Film) -> None:
    home = film.open().home
    planned = film.plan("still@s010")
    (key,) = planned.survey.keys.values()
    stops: list[Callable[[], None]] = []

    def signals(press: Callable[[], None]) -> AbstractContextManager[None]:
        stops.append(press)
        return nullcontext()

    def tell(event: Event) -> None:
        if event.kind == "held":
            stops.pop()()

    with home.locks.hold(key, print):
        project = film.open()
        planned = project.plan(Asked(["still@s010"]))
        report = project.run(planned, ENOUGH, Watch(tell, signals))
    assert (outcomes(report), report.interrupted) == ({"still@s010": "waiting"}, True)
    assert film.run("still@s010") == {"still@s010"}


def test_what_is_forced_is_made_again_all_the_same(made: Film) -> None:
    project = made.open()
    report = project.run(project.plan(Asked(["reel"], force=True)), ENOUGH)
    assert executed(report) == {"reel"}
