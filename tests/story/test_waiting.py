"""What a person reads while nothing seems to happen: what is waited for, till when, and who goes first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crash_course import Course, in_step
from crowds import fan
from patrons import said

from emulator import running

if TYPE_CHECKING:
    from pathlib import Path

LOST = {"point": "submit-after-billing", "fault": "drop", "times": 1}
TILL = r"till \d\d:\d\d:\d\d: "
LIST = rf"waits paint@s(\d)  \[0/2\]  {TILL}no answer to the submit; the account's list will tell"


def test_an_answer_that_is_lost_is_said_and_the_others_say_who_goes_first(tmp_path: Path) -> None:
    with running(speed=50, latency=1) as emulator:
        emulator.faults(LOST)
        course = Course(tmp_path, emulator, in_step(emulator), fan(2, "wavespeed"), "waiting")
        ended = said(course)
    assert ended.status == 0
    first = re.search(LIST, ended.err)
    assert first, ended.err
    other = "1" if first[1] == "0" else "0"
    assert f"waits paint@s{other}  [0/2]  the submit of paint@s{first[1]} goes first" in ended.err


def test_a_request_for_fewer_requests_is_passed_on(tmp_path: Path) -> None:
    slow = {"status": 429, "retry-after": 30}
    with running(speed=50, latency=1) as emulator:
        emulator.faults({"point": "connect", "fault": {"status": slow}, "times": 1})
        course = Course(tmp_path, emulator, in_step(emulator), fan(1, "runware"), "slow")
        ended = said(course)
    assert re.search(rf"waits still@s0  \[0/1\]  {TILL}runware wants fewer requests", ended.err)


def test_a_network_that_is_down_is_said_while_it_is_tried_again(tmp_path: Path) -> None:
    with running(speed=50, latency=1) as emulator:
        course = Course(tmp_path, emulator, in_step(emulator), fan(1, "runware"), "down")
        course.environ["KINOFORM_RUNWARE_URL"] = "http://127.0.0.1:9/v1"
        ended = said(course)
    assert ended.status == 5
    assert re.search(rf"waits still@s0  \[0/1\]  {TILL}not sent, as the provider's host", ended.err)


def test_what_was_bought_before_the_network_went_down_is_not_called_unsent(tmp_path: Path) -> None:
    with running(speed=50, latency=1000) as emulator:
        film = fan(1, "runware")
        hasty = replace(film, text=film.text.replace("{uses", "{timeout: 1, uses"))
        course = Course(tmp_path, emulator, in_step(emulator), hasty, "bought")
        assert "error[parked]" in said(course).err
        pipeline = course.root / "pipeline.yaml"
        pipeline.write_text(pipeline.read_text("utf-8").replace("timeout: 1, ", ""), "utf-8")
        course.environ["KINOFORM_RUNWARE_URL"] = "http://127.0.0.1:9/v1"
        ended = said(course)
    assert ended.status == 5
    assert "still@s0: runware has it and was not asked: the provider's host" in ended.err
    assert "not sent" not in ended.err
    assert "1 task ($0.028) runs on at the provider" in ended.out
