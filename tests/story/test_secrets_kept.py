"""Keys and passwords of one user turn up in nothing that is written, shown or said, whoever quotes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from canaries import Plan, echoes, kept
from crash_course import in_step

from emulator import Emulator, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOME = [plan for plan in echoes() if plan[0].endswith(("401", "407"))]

QUOTED = ("echo at connect", "echo at submit", "echo at poll")  # what comes back is written down


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running(speed=100, latency=2) as found:
        yield found


@pytest.mark.parametrize("number", range(len(SOME)), ids=[plan[0] for plan in SOME])
def test_a_server_that_quotes_the_key_finds_nobody_to_pass_it_on(
    emulator: Emulator, tmp_path: Path, number: int
) -> None:
    plan: Plan = SOME[number]
    cage = kept(emulator, in_step(emulator), tmp_path, plan, number)
    assert cage.found == []
    assert cage.hidden > 0 or not plan[0].startswith(QUOTED)
