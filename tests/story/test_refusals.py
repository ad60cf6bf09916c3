"""A hundred requests that moderation refuses: each is sent once, ever, and says which, what and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from crash_course import Course, in_step
from crowds import fan
from patrons import said

from emulator import running

if TYPE_CHECKING:
    from pathlib import Path

MANY = 100
# In words of no list: the code alone tells.
REFUSED = {"point": "submit-before-billing", "fault": {"moderated": {"message": "Not this one."}}}
SAYS = {"runware": "(contentPolicyViolation): positivePrompt: ", "wavespeed": "(1200): prompt: "}
STEP = {"runware": "still", "wavespeed": "paint"}


@pytest.mark.parametrize("provider", SAYS)
def test_a_refused_request_is_sent_once_in_two_runs(provider: str, tmp_path: Path) -> None:
    with running(speed=100) as emulator:
        emulator.faults(REFUSED)
        course = Course(tmp_path, emulator, in_step(emulator), fan(MANY, provider), "refused")
        first, second = said(course), said(course)
        assert emulator.fired() == [MANY]
    assert (first.status, second.status) == (1, 1)
    for number in range(MANY):
        told = f"error[moderated]: {STEP[provider]}@s{number}: {provider} says {SAYS[provider]}"
        assert told in first.err
        assert f"error[moderated]: {STEP[provider]}@s{number}: " in second.err
    assert "hint: change the request; --rebuy" in first.err
    assert "Traceback" not in first.err + second.err
