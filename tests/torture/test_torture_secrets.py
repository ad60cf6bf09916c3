"""Four canary secrets through a hundred runs with faults: looked for in all that is left. `make torture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canaries import SECRETS, kept, plans, unheard
from crash_course import in_step
from figures import NAME, limited

from emulator import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNS = 100


def test_no_secret_is_found_anywhere(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    found, unmasked = list[str](), list[str]()
    runs = places = hidden = 0
    with limited(900), running(speed=100, latency=2) as emulator:
        clock = in_step(emulator)
        for number, plan in enumerate(plans()):
            cage = kept(emulator, clock, tmp_path, plan, number)
            found += cage.found
            unmasked += unheard(cage, plan)
            runs, places, hidden = runs + 1, places + cage.places, hidden + cage.hidden
    record_property(
        NAME,
        f"{len(SECRETS)} secrets, {runs} projects with faults, {places} places: {len(found)} found;"
        f" something was masked in {hidden}",
    )
    assert runs >= RUNS
    assert found == []
    assert unmasked == []  # else nothing was looked for: no run has heard the secret
