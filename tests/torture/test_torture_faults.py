"""Every fault of the wire and of statuses at both providers. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crash_course import in_step
from figures import NAME, limited
from forty_faults import FAULTS, MODELS, faulty, met

from emulator import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAST = 40


def test_no_fault_repeats_a_paid_submit_and_each_is_told(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    wrong: list[str] = []
    unsure = repeated = 0
    with limited(900), running(speed=100, latency=2) as emulator:
        clock = in_step(emulator)
        for fault in FAULTS:
            for provider in MODELS:
                seen = met(emulator, clock, tmp_path, fault, provider)
                wrong += faulty(fault, provider, seen)
                unsure += fault.kind == "ambiguous"
                repeated += max(0, seen.bills - 1)
    record_property(
        NAME,
        f"{len(FAULTS)} faults x {len(MODELS)} providers, {unsure} of them ambiguous:"
        f" {repeated} repeated paid submits, {len(wrong)} not as told",
    )
    assert len(FAULTS) >= LEAST
    assert wrong == []
