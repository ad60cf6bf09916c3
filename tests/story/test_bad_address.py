"""An address that no key may be sent to: nothing goes there, and whatever is done offline works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from crash_course import ALONE, Course
from hurried import Clock
from patrons import said

from emulator import Levers

if TYPE_CHECKING:
    from pathlib import Path

BAD = "http://api.example.com/v1"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    nowhere, now = Levers("http://127.0.0.1:1"), Clock(time.time(), time.monotonic(), 1.0)
    made = Course(tmp_path, nowhere, now, ALONE["runware"])
    made.environ["KINOFORM_RUNWARE_URL"] = BAD
    return made


@pytest.mark.parametrize("word", ["check", "plan", "status", "ls", "pending", "cost"])
def test_what_is_done_offline_works(course: Course, word: str) -> None:
    assert said(course, word, str(course.root)).status == 0


def test_a_plan_says_where_a_run_would_end(course: Course) -> None:
    found = said(course, "plan", str(course.root))
    assert "warning[bad-url]: KINOFORM_RUNWARE_URL is not https" in found.err
    assert BAD not in found.err


def test_a_run_sends_nothing_and_says_why(course: Course) -> None:
    found = said(course)
    assert found.status == 5
    assert "error[bad-url]: " in found.err
    assert "KINOFORM_RUNWARE_URL is not https" in found.err
    assert "nothing was bought" in said(course, "cost", str(course.root)).out


def test_a_draft_needs_no_address(course: Course) -> None:
    assert said(course, "run", str(course.root), "--draft").status == 0


def test_the_doctor_names_it(course: Course) -> None:
    found = said(course, "doctor", "--offline")
    assert "KINOFORM_RUNWARE_URL is not https" in found.out
