"""What a provider takes for what it refuses: booked as it says, else the worst, and marked."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from crash_course import Course, in_step
from crowds import fan
from patrons import said

from emulator import running

if TYPE_CHECKING:
    from pathlib import Path

PRICE = Decimal("0.028")
AT = {"at the door": "submit-before-billing", "later": "task"}


@pytest.mark.parametrize("provider", ["runware", "wavespeed"])
@pytest.mark.parametrize("when", AT)
@pytest.mark.parametrize("billed", ["yes", "no"])
@pytest.mark.parametrize("told", ["said", "unsaid"])
def test_the_books_never_say_less_than_was_billed(
    tmp_path: Path, provider: str, when: str, billed: str, told: str
) -> None:
    with running(speed=200, modes={"refused_billed": billed, "refusal_cost": told}) as emulator:
        emulator.faults({"point": AT[when], "fault": "moderated"})
        course = Course(tmp_path, emulator, in_step(emulator), fan(1, provider), "refused")
        ended = said(course, *course.words, "--json")
        assert ended.status == 1
        bills = emulator.ledger()["bills"]
        sums = json.loads(said(course, "cost", str(course.root), "--json").out)["total"]
    taken = sum((Decimal(str(bill["cost"])) * bill["times"] for bill in bills), Decimal(0))
    paid, assumed = Decimal(sums["paid"]), Decimal(sums["assumed"])
    assert taken == PRICE or billed == "no"  # which WaveSpeed does hours later, as a refund
    assert paid >= taken
    known = told == "said" and provider == "runware"
    assert (paid, assumed) == ((taken, 0) if known else (PRICE, PRICE))
    assert sums["wasted"] == sums["paid"] == json.loads(ended.out)["paid"]


def test_a_run_says_what_went_for_what_failed_and_says_it_once(tmp_path: Path) -> None:
    with running(speed=200, modes={"refused_billed": "yes"}) as emulator:
        emulator.faults({"point": "task", "fault": "moderated", "match": {"task": 1}})
        course = Course(tmp_path, emulator, in_step(emulator), fan(2, "runware"), "both")
        first, second = said(course), said(course)
    assert "paid $0.056" in first.out
    assert "$0.028 of that at most went for what failed: kinoform cost --by cause" in first.out
    assert "paid" not in second.out


def test_a_ceiling_counts_what_may_have_been_billed(tmp_path: Path) -> None:
    with running(speed=200, modes={"refused_billed": "yes"}) as emulator:
        emulator.faults({"point": "task", "fault": "moderated", "match": {"task": 1}})
        course = Course(tmp_path, emulator, in_step(emulator), fan(2, "wavespeed"), "total")
        (course.folder / "config.yaml").write_text("budget: {total: 0.056}\n", "utf-8")
        assert said(course).status == 1
        more = said(course, "run", str(course.root), "--rebuy", "state:failed", "--max-cost", "10")
        assert "above-budget" in more.err
        assert course.bills()["wavespeed"] == 2


def test_what_failed_at_wavespeed_is_refunded_and_booked_as_free(tmp_path: Path) -> None:
    with running(speed=200) as emulator:
        emulator.faults({"point": "task", "fault": "fail"})
        course = Course(tmp_path, emulator, in_step(emulator), fan(1, "wavespeed"), "failed")
        assert said(course).status == 1
        told = json.loads(said(course, "cost", str(course.root), "--json").out)["total"]
    assert (told["paid"], told["assumed"]) == ("0", "0")
