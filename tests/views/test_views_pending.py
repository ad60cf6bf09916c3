"""Pending work in words: what state, since when, what it holds, which command goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from paid_work import FILM, NOON, Work

from kinoform.views import pending as views

if TYPE_CHECKING:
    from kinoform.core.tasks import Task


def doubtful(*candidates: str) -> tuple[Task, ...]:
    work = Work()
    sent = {"stage": "sent", "data": {"sent": NOON + 2.0}}
    intent = work.begin("clip@s020", intent="3f9a21bc00000000", cursor=sent)
    work.then(intent, "unknown", candidates=list(candidates), why="the line went dead")
    return work.tasks()


@pytest.mark.parametrize(("kinds", "said"), [
    ((), "submit begun, no answer yet"),
    (("unknown",), "submitted: outcome unknown"),
    (("ack",), "running at wavespeed"),
    (("ack", "parked"), "parked: still at wavespeed"),
    (("ack", "sample"), "results ready, not downloaded"),
    (("ack", "gone"), "paid and lost"),
])  # fmt: skip
def test_each_state_has_plain_words(kinds: tuple[str, ...], said: str) -> None:
    work = Work()
    work.then(work.begin("clip@s020"), *kinds)
    assert views.said(work.tasks()[0]) == said


def test_a_row_says_who_has_it_what_it_holds_and_how_old_it_is() -> None:
    work = Work()
    work.then(work.begin("clip@s020", intent="3f9a21bc00000000"), "ack")
    (row,) = views.rows(work.tasks(), NOON + 7300, projects=False)
    assert row == (
        "3f9a21bc", "clip@s020", "running at wavespeed", "wavespeed", "task-3f9a",
        "$0.56 reserved", "2 h", "",
    )  # fmt: skip
    (row,) = views.rows(work.tasks(), NOON + 59, projects=True)
    assert row[-2:] == ("59 s", FILM)


def test_what_is_lost_says_what_was_paid_or_else_what_it_was_to_cost() -> None:
    work = Work()
    work.then(work.begin("clip@s010"), "ack", "gone", paid="0.50")
    work.then(work.begin("clip@s020"), "ack", "gone")
    prices = [row[5] for row in views.rows(work.tasks(), NOON, projects=False)]
    assert prices == ["$0.50 paid", "$0.56 estimated"]
    assert views.headline(work.tasks()) == "2 tasks, $1.06 paid and lost"


def test_a_task_in_doubt_shows_its_window_its_candidates_and_the_ways_out() -> None:
    doubt, *decide = views.advice(doubtful("p-1", "p-2"), "film")
    assert doubt == (
        "3f9a21bc clip@s020: submitted between 2026-11-27 12:00:00 UTC and 2026-11-27 12:00:02 UTC;"
        " it may be one of 2 tasks of the provider's"
    )
    assert decide == [
        "decide on clip@s020 by one of these:",
        "  kinoform settle 3f9a21bc --adopt p-1",
        "  kinoform settle 3f9a21bc --adopt p-2",
        "  kinoform settle 3f9a21bc --never-happened",
        "  kinoform settle 3f9a21bc --resubmit",
    ]


def test_a_candidate_stands_in_the_command_as_a_shell_takes_it() -> None:
    first = "kinoform settle 3f9a21bc --adopt"
    for names, ends in ((["p 1; rm"], "'p 1; rm'"), ([], "TASK"), (list("abcdefgh"), "TASK")):
        assert next(iter(views.settle_lines(doubtful(*names)[0]))) == f"{first} {ends}"
    assert next(iter(views.advice(doubtful(), "film"))).endswith("no candidate is known")


def test_what_goes_on_by_itself_names_the_project_once() -> None:
    work = Work(project="/films/my lamp")
    for shot in ("s010", "s020"):
        work.then(work.begin(f"clip@{shot}"), "ack")
    assert list(views.advice(work.tasks(), "")) == ["go on with: kinoform resume '/films/my lamp'"]
    assert list(views.advice(work.tasks(), "film")) == ["go on with: kinoform resume film"]


def stuck(*kinds: str) -> bool:
    work = Work()
    work.then(work.begin("clip@s020"), *kinds)
    return views.stuck(work.tasks())


def test_only_doubt_and_loss_wait_for_a_person() -> None:
    assert stuck("unknown")
    assert stuck("ack", "gone")
    assert not stuck()
    assert not stuck("ack", "parked")


def test_as_data_money_is_text_and_times_are_utc() -> None:
    found = json.loads(json.dumps(views.document(doubtful("p-1"), NOON + 60, FILM)))
    (task,) = found.pop("tasks")
    assert found == {
        "version": 1,
        "project": FILM,
        "counts": {
            "intended": 0, "unknown": 1, "running": 0, "parked": 0, "arrived": 0, "gone": 0,
        },
    }  # fmt: skip
    assert task == {
        "intent": "3f9a21bc00000000", "step": "clip@s020", "take": 1, "state": "unknown",
        "said": "submitted: outcome unknown", "provider": "wavespeed",
        "model": "wavespeed/kwaivgi/kling-video-o3-pro", "task": None, "estimate": "0.56",
        "reserved": "0.56", "paid": "0", "begun": "2026-11-27T12:00:00Z",
        "moved": "2026-11-27T12:00:10Z", "age": 60.0, "project": FILM, "run": "run-1",
        "window": {"from": "2026-11-27T12:00:00Z", "to": "2026-11-27T12:00:02Z"},
        "candidates": ["p-1"], "why": "the line went dead",
        "settle": ["adopt", "never-happened", "resubmit"],
    }  # fmt: skip


def test_nothing_pending_is_said_in_words() -> None:
    assert views.headline(()) == "nothing is pending"
    assert list(views.advice((), "")) == []
