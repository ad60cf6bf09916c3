"""The doctor looks at everything, names what is wrong, and shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.api import doctor
from kinoform.api.doctor import Machine

if TYPE_CHECKING:
    from pathlib import Path


def states(machine: Machine) -> dict[str, str]:
    return {check.name: check.state for check in doctor.examine(machine)}


def test_a_machine_that_can_run_films_is_well(tmp_path: Path) -> None:
    found = states(Machine({}, tmp_path / "home"))
    assert {found[name] for name in ("python", "kinoform", "ffmpeg", "pictures", "ledger")} == {
        "ok"
    }
    assert found["providers"] == "warn"
    assert "fail" not in found.values()


def test_a_home_that_cannot_be_is_a_failure_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    found = states(Machine({}, tmp_path / "home"))
    assert found["home"] == "fail"
    assert found["python"] == "ok"
    assert "key" in found


def test_keys_are_named_and_never_shown(tmp_path: Path) -> None:
    machine = Machine({"RUNWARE_API_KEY": "hunter2"}, tmp_path, ("runware", "wavespeed"))
    found = doctor.examine(machine)
    keys = [check for check in found if check.name == "key"]
    assert [check.state for check in keys] == ["ok", "warn"]
    assert keys[1].fix == "export WAVESPEED_API_KEY=..."
    assert not any("hunter2" in f"{check}" for check in found)
