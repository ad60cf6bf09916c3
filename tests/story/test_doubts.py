"""Submits without an answer, and what may not be concluded from silence."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from crash_course import PACE, in_step
from crowds import fan
from kills import Arena
from patrons import said
from stable import stable

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crash_course import Course

BEFORE, AFTER = "submit-before-billing", "submit-after-billing"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    # Two runs begin within the two minutes in which their tasks look alike.
    with launched(*PACE, "--latency", "1") as levers, stable() as warm:
        yield Arena(tmp_path_factory.mktemp("arena"), levers, in_step(levers), warm)


def lost(arena: Arena, course: Course, point: str, *targets: str) -> None:
    """A run of these steps that is killed once the reply to its submit is lost."""
    arena.levers.faults({"point": point, "fault": "drop", "times": 1})
    folder, *rest = course.words[1:]
    words = ["run", folder, *targets, *rest]
    horse = arena.stable.begin(words, course.environ, course.said)
    for _ in range(600):
        if horse.wait(0.02) or arena.levers.fired() == [1]:
            break
    assert arena.levers.fired() == [1], course.talk()
    horse.wait(0.05)
    horse.signal(signal.SIGKILL)
    assert horse.wait(10)
    arena.levers.faults()


def test_two_submits_in_doubt_are_not_taken_for_each_other(arena: Arena) -> None:
    course = arena.course("swapped", fan(2, "wavespeed"))
    lost(arena, course, BEFORE, "paint@s0")
    lost(arena, course, AFTER, "paint@s1")
    assert arena.ended(course) == 1
    assert course.faults() == []


def test_resume_says_what_it_waits_for_and_till_when(arena: Arena) -> None:
    course = arena.course("resumed", fan(1, "wavespeed"))
    lost(arena, course, AFTER)
    ended = said(course, "resume", str(course.root))
    assert "waits paint@s0  [0/1]  till " in ended.err
    assert ": no answer to the submit; the account's list will tell" in ended.err
    assert ended.out.startswith("paint@s0: done, $0.028 paid")


def test_a_step_waits_for_the_doubt_of_another_project_to_be_cleared_up(arena: Arena) -> None:
    ours, theirs = (
        arena.course("one", fan(1, "wavespeed")),
        arena.course("two", fan(1, "wavespeed")),
    )
    shared = ("KINOFORM_HOME", "WAVESPEED_API_KEY")
    theirs.environ |= {name: ours.environ[name] for name in shared}
    lost(arena, ours, AFTER)
    assert arena.ended(theirs) == 1
    assert arena.ended(ours) == 1
    assert ours.bills() == {"wavespeed": 2}
    assert "fault" not in ours.talk() + theirs.talk()


@pytest.mark.parametrize("provider", ["runware", "wavespeed"])
def test_a_network_that_goes_down_after_a_submit_is_no_proof_that_it_was_not_sent(
    arena: Arena, provider: str
) -> None:
    course = arena.course(f"down-{provider}", fan(1, provider))
    # Nobody is told of the task before it is down.
    silence = [{"point": point, "fault": "drop"} for point in ("poll", "list", "account")]
    arena.levers.faults({"point": AFTER, "fault": "drop", "times": 1}, *silence)
    horse = arena.stable.begin(course.words, course.environ, course.said)
    while not horse.wait(0.01) and arena.levers.fired()[0] != 1:
        pass
    with arena.levers.unreachable():
        assert horse.wait(60)
    assert horse.status == 5
    arena.levers.faults()
    assert arena.ended(course) == 1
    assert course.faults() == []


def test_without_the_providers_clock_nothing_is_adopted_or_bought_again(arena: Arena) -> None:
    arena.levers.modes(date_header="no")
    course = arena.course("undated", fan(1, "wavespeed"))
    lost(arena, course, AFTER)
    ended = said(course)
    arena.levers.modes(date_header="yes")
    assert ended.status == 4
    assert "outcome-unknown" in ended.err
    assert course.bills() == {"wavespeed": 1}
