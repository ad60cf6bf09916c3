"""How a run ends: its status, and what to look at first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_steps import Shelf, answer, film, step, still

from kinoform.api.planning import Planned
from kinoform.cli.ending import few, status
from kinoform.cli.exits import Exit
from kinoform.core.errors import Problem
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.report import Ended, RunReport
from kinoform.core.types import Blob, Facts, Graph, Outcome
from kinoform.views import run as views

NO_PROVIDER = (Problem("no-provider", "none"),)


def planned(graph: Graph, shelf: Shelf) -> Planned:
    want = wish(graph)
    found, survey = plan(graph, shelf.world(), want)
    return Planned(found, graph, survey, want, found.price.expected)


def report(*outcomes: Outcome, problems: tuple[Problem, ...] = ()) -> RunReport:
    names = [s.id for s in film(3).steps]
    steps = [Ended(name, 1, way) for name, way in zip(names, outcomes, strict=False)]
    return RunReport("r", (replace(steps[0], problems=problems), *steps[1:]))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (report("done", "reused"), Exit.DONE),
        (report("done", "waiting"), Exit.DONE),
        (report("done", "skipped"), Exit.DONE),
        (report("failed", "blocked", problems=NO_PROVIDER), Exit.FAILED),
        (report("blocked", "done", problems=NO_PROVIDER), Exit.ENVIRONMENT),
    ],
)
def test_the_status_is_that_of_the_worst(found: RunReport, expected: Exit) -> None:
    assert status(planned(film(3), Shelf()), found, interrupted=False) == expected


def test_an_interruption_is_130_whatever_else_happened() -> None:
    found = status(planned(film(3), Shelf()), report("failed"), interrupted=True)
    assert found == Exit.INTERRUPTED


def test_of_a_whole_film_that_is_lost_a_few_are_named_and_everything_else_is() -> None:
    gone = [Problem("lost", f"still@s{number}") for number in range(300)]
    other = Problem("refused", "clip@s300")
    assert few([*gone, other]) == [*gone[:8], other]


def test_a_lost_purchase_that_is_needed_is_a_matter_of_money() -> None:
    graph, shelf = build([still("still@s001", x=1)]), Shelf()
    survey = planned(graph, shelf).survey
    key = survey.keys[0, 1]
    shelf.results[key] = answer(key, survey.manifests[0, 1])
    shelf.gone = {blob.digest for blob in shelf.results[key].outputs}
    ended = RunReport("r", (Ended("still@s001", 1, "lost"),))
    assert status(planned(graph, shelf), ended, interrupted=False) == Exit.SPEND


def test_clips_that_nothing_is_made_from_are_looked_at_first() -> None:
    graph = build([step("still"), step("clip"), step("reel"), step("note")])
    made = {
        "still": Blob("a", 1, "image/png"),
        "clip": Blob("b", 1, "video/mp4", Facts(seconds=5.0)),
        "reel": Blob("c", 1, "video/mp4", Facts(seconds=31.0)),
        "note": Blob("d", 1, "text/plain"),
    }

    def best(*names: str) -> str | None:
        steps = tuple(Ended(name, 1, "done", outputs=(made[name],)) for name in names)
        return views.best(RunReport("r", steps), graph, lambda step, _end, _number: step.id)

    assert best("still", "clip", "reel", "note") == "reel"
    assert best("still", "note") == "still"
    assert best("note") is None


def test_what_this_run_made_is_looked_at_before_what_was_there() -> None:
    graph = build([step("still"), step("reel")])
    there = Ended("reel", 1, "reused", outputs=(Blob("c", 1, "video/mp4"),))
    made = Ended("still", 1, "done", outputs=(Blob("a", 1, "image/png"),))
    found = RunReport("r", (made, there))
    assert views.best(found, graph, lambda step, _end, _number: step.id) == "still"


def test_the_headline_says_each_end_or_that_there_was_nothing_to_do() -> None:
    graph = film(3)
    assert views.headline(report("reused", "reused"), graph) == (
        "nothing to do, 2 steps are up to date"
    )
    assert views.headline(report("done", "failed", "blocked"), graph) == (
        "1 made, 1 failed, 1 blocked"
    )
