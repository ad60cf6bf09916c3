"""One fault of each sort at each provider: nothing is paid twice, and a person is told what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from crash_course import in_step
from forty_faults import FAULTS, FEW, MODELS, Fault, faulty, met

from emulator import Emulator, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOME = [fault for fault in FAULTS if fault.name in FEW]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running(speed=100, latency=2) as found:
        yield found


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("fault", SOME, ids=[fault.name for fault in SOME])
def test_a_fault_costs_no_more_and_is_told(
    emulator: Emulator, tmp_path: Path, fault: Fault, provider: str
) -> None:
    seen = met(emulator, in_step(emulator), tmp_path, fault, provider)
    assert faulty(fault, provider, seen) == []
