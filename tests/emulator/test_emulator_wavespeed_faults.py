"""What can go wrong with WaveSpeed's tasks, and what that costs."""

from __future__ import annotations

import urllib.error
from typing import TYPE_CHECKING, Any

import pytest
from wavespeed_calls import IMAGE, ask, get, put, state, submit

from emulator import Emulator, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fresh() -> Iterator[Emulator]:
    """An emulator of one's own, whose clock a test moves."""
    with running(latency=10, speed=1e-6) as emulator:
        yield emulator


def test_a_failed_task_is_a_good_answer_and_refunded_three_hours_later(fresh: Emulator) -> None:
    fresh.faults({"point": "task", "fault": {"fail": {"code": "5000", "message": "broken"}}})
    task = submit(fresh)
    fresh.jump(10)
    told = state(fresh, task)
    assert (told["status"], told["code"], told["error"]) == ("failed", 5000, "broken")
    assert told["outputs"] == []
    assert ask(fresh, "balance").data["balance"] == pytest.approx(999.972)
    fresh.jump(3 * 3600)
    assert ask(fresh, "balance").data["balance"] == pytest.approx(1000)
    rows = ask(fresh, "billings/search", {"prediction_uuids": [task]}).data["items"]
    assert [row["billing_type"] for row in rows] == ["refund", "deduct"]
    rows = ask(fresh, "billings/search", {"billing_type": "deduct"}).data["items"]
    assert [(row["price"], row["prediction"]["status"]) for row in rows] == [(0.028, "failed")]


def test_what_moderation_refuses_is_paid_for_unless_told_otherwise(fresh: Emulator) -> None:
    fresh.faults({"point": "task", "fault": "moderated"})
    task = submit(fresh)
    fresh.jump(86400)
    assert (state(fresh, task)["status"], state(fresh, task)["code"]) == ("failed", 1200)
    assert ask(fresh, "balance").data["balance"] < 1000
    fresh.modes(refused_billed="no")
    assert ask(fresh, "balance").data["balance"] == 1000


@pytest.mark.parametrize(("billed", "bills"), [("yes", 1), ("no", 0)])
def test_a_refusal_at_the_door_is_no_task_and_costs_what_the_mode_says(
    fresh: Emulator, billed: str, bills: int
) -> None:
    fresh.modes(refused_billed=billed)
    fresh.faults({"point": "submit-before-billing", "fault": "moderated"})
    told = ask(fresh, IMAGE, {"prompt": "x"})
    assert (told.status, told.body["error_code"]) == (400, 1200)
    assert fresh.tasks() == []
    assert len(fresh.ledger()["bills"]) == bills


def test_without_balance_nothing_is_begun(fresh: Emulator) -> None:
    fresh.world.balance = fresh.world.balance * 0
    assert ask(fresh, IMAGE, {"prompt": "x"}).status == 403
    fresh.modes(no_balance="402")
    assert ask(fresh, IMAGE, {"prompt": "x"}).status == 402
    assert fresh.tasks() == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"partial": {"keep": 2}}, 2),
        ({"empty": {}}, 0),
        ({"duplicate": {}}, 6),
        ({"expire": {"status": 410}}, 3),
    ],
)
def test_a_fate_decides_what_a_completed_task_gives(
    fresh: Emulator, fault: dict[str, Any], expected: int
) -> None:
    fresh.faults({"point": "task", "fault": fault})
    task = submit(fresh, num_images=3)
    fresh.jump(10)
    told = state(fresh, task)
    assert (told["status"], len(told["outputs"])) == ("completed", expected)
    if "expire" in fault:
        assert get(told["outputs"][0]).status == 410


def test_a_late_task_ends_later_and_a_forgotten_one_is_unknown(fresh: Emulator) -> None:
    fresh.faults({"point": "task", "fault": {"delay": {"seconds": 50}}})
    task = submit(fresh)
    fresh.jump(20)
    assert state(fresh, task)["status"] == "processing"
    fresh.jump(40)
    assert state(fresh, task)["status"] == "completed"
    fresh.faults({"point": "task", "fault": "forget"})
    assert ask(fresh, f"predictions/{submit(fresh)}").status == 404
    assert len(fresh.paid()) == 2


def test_what_a_poll_is_told_can_be_wrong_for_once(fresh: Emulator) -> None:
    task = submit(fresh, num_images=2)
    fresh.jump(10)
    seen = []
    for fault in ("forget", "empty", "duplicate", {"partial": {"keep": 1}}):
        fresh.faults({"point": "poll", "fault": fault, "times": 1})
        told = ask(fresh, f"predictions/{task}")
        seen.append((told.status, told.body.get("data")))
        assert len(state(fresh, task)["outputs"]) == 2
    assert [status for status, _ in seen] == [404, 200, 200, 200]
    assert seen[1][1] is None
    assert [len(data["outputs"]) for _, data in seen[2:]] == [4, 1]


def test_a_task_can_fail_while_it_is_asked_about(fresh: Emulator) -> None:
    task = submit(fresh)
    fresh.faults({"point": "poll", "fault": "fail", "times": 1})
    assert state(fresh, task)["status"] == "failed"
    assert state(fresh, task)["status"] == "failed"


def test_the_reply_can_be_lost_before_or_after_the_task_is_billed(fresh: Emulator) -> None:
    for point, bills in (("submit-before-billing", 0), ("submit-after-billing", 1)):
        fresh.faults({"point": point, "provider": "wavespeed", "fault": "drop"})
        with pytest.raises((OSError, urllib.error.URLError)):
            ask(fresh, IMAGE, {"prompt": "x"})
        assert len(fresh.ledger()["bills"]) == bills


def test_list_uploads_and_account_have_faults_of_their_own(fresh: Emulator) -> None:
    fresh.modes(list_delay="0")
    fresh.faults(
        {"point": "list", "fault": "forget", "times": 1},
        {"point": "list", "fault": "empty"},
        {"point": "account", "fault": "empty"},
        {"point": "upload", "fault": "expire"},
    )
    old, _new = submit(fresh), submit(fresh)
    assert [item["id"] for item in ask(fresh, "predictions", {}).data["items"]] == [old]
    assert ask(fresh, "predictions", {}).data["items"] == []
    assert ask(fresh, "balance").data is None
    ticket = ask(fresh, "media/uploads", {"filename": "a.bin", "size": 4}).data
    assert put(ticket["upload"], b"four").status == 200
    assert get(ticket["download_url"]).status == 404
    assert fresh.fired() == [1, 1, 1, 1]
