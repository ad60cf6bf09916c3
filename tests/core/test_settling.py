"""What a person may say about a task in doubt, and what is written down of it."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from paid_work import NOON, Work

from kinoform.core.settling import DECISIONS, How, choices, decided, holder
from kinoform.core.tasks import Task, TaskState, advance

WAYS: dict[str, tuple[str, ...]] = {
    "intended": (),
    "unknown": ("unknown",),
    "running": ("ack",),
    "parked": ("ack", "parked"),
    "arrived": ("ack", "sample"),
    "partial": ("ack", "sample", "partial"),
    "refused": ("ack", "refused"),
    "rejected": ("rejected",),
    "broken": ("ack", "broken"),
    "void": ("void",),
    "gone": ("ack", "gone"),
    "settled": ("unknown", "settle"),
    "done": ("ack", "sample", "result"),
}


def task_in(state: str, **data: object) -> Task:
    work = Work()
    work.then(work.begin("clip@s020", cursor={"stage": "sent", "data": {"sent": 5}}), *WAYS[state])
    (task,) = work.tasks()
    assert task.state == state
    return task


def test_every_state_is_told_here() -> None:
    assert set(WAYS) == set(get_args(TaskState))


@pytest.mark.parametrize("state", WAYS)
def test_whatever_may_be_decided_is_a_legal_move(state: str) -> None:
    task = task_in(state)
    for how in choices(task):
        after = advance(task, decided(task, how, NOON, by="ana", adopted="7"))
        assert after.moved == NOON
        assert (after.reserved == 0) == (not after.is_open)


@pytest.mark.parametrize(("state", "hows"), [
    ("unknown", ("adopt", "never-happened", "resubmit")), ("gone", ("forget",)),
    ("parked", ("forget",)), ("arrived", ("forget",)), ("intended", ()), ("running", ()),
    ("done", ()), ("settled", ()),
])  # fmt: skip
def test_what_may_be_decided_follows_from_the_state(state: str, hows: tuple[How, ...]) -> None:
    assert choices(task_in(state)) == hows


@pytest.mark.parametrize(("how", "state"), [
    ("adopt", "running"), ("never-happened", "void"), ("resubmit", "settled"),
])  # fmt: skip
def test_each_decision_leads_to_its_state(how: How, state: str) -> None:
    task = task_in("unknown")
    after = advance(task, decided(task, how, NOON, by="ana", adopted="p-7"))
    assert (after.state, after.data["how"]) == (state, DECISIONS[how].how)
    assert after.reserved == (Decimal("0.56") if how == "adopt" else 0)


def test_an_adopted_task_is_asked_for_by_its_id_with_all_that_was_noted() -> None:
    task = task_in("unknown")
    after = advance(task, decided(task, "adopt", NOON, by="ana", adopted="p-7"))
    assert after.task == "p-7"
    assert after.data["cursor"] == {"stage": "running", "data": {"sent": 5, "task": "p-7"}}


def test_a_decision_is_recorded_with_the_project_and_run_of_its_task() -> None:
    task = task_in("gone")
    event = decided(task, "forget", NOON, by="ana")
    assert (event.project, event.run, event.step, event.key) == (
        task.project, task.run, task.step, task.key,
    )  # fmt: skip
    assert event.data == {"intent": task.id, "how": "forgotten", "by": "ana"}


def test_an_id_belongs_to_one_task_of_one_provider() -> None:
    task = task_in("running")
    assert holder([task], "wavespeed", task.task) is task
    assert holder([task], "runware", task.task) is None
    assert holder([task], "wavespeed", "other") is None
