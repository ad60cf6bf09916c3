"""What every test shares: a home of its own, and no clock in property tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from figures import told
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

OURS = ("KINOFORM_", "RUNWARE_API_KEY", "WAVESPEED_API_KEY")

# A busy machine is no failure: neither a slow fact is one, nor an example that takes long to draw.
# Everything else stays as the machine (or CI) has it.
settings.register_profile(
    "kinoform",
    settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kinoform")


def pytest_configure() -> None:
    """Keep every test, also those that start the program, away from the user's own data and accounts."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        if name != "KINOFORM_FFMPEG":
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="kinoform-tests-")
    os.environ["KINOFORM_HOME"] = home
    os.environ["KINOFORM_CONFIG"] = f"{home}/config.yaml"
    Path(home, "config.yaml").touch()


def pytest_unconfigure() -> None:
    """Remove that home."""
    shutil.rmtree(os.environ["KINOFORM_HOME"], ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last what the long tests found."""
    for line in told(terminalreporter):
        terminalreporter.write_line(line)
