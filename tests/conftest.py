"""What every test shares: a home of its own, and no clock in property tests."""

from __future__ import annotations

import os
import shutil
import tempfile

from hypothesis import settings

# A busy machine is no failure; everything else stays as the machine (or CI) has it.
settings.register_profile("kinoform", settings.default, deadline=None)
settings.load_profile("kinoform")


def pytest_configure() -> None:
    """Keep every test, also those that start the program, away from the user's own data."""
    for name in [name for name in os.environ if name.startswith("KINOFORM_")]:
        if name != "KINOFORM_FFMPEG":
            del os.environ[name]
    os.environ["KINOFORM_HOME"] = tempfile.mkdtemp(prefix="kinoform-tests-")


def pytest_unconfigure() -> None:
    """Remove that home."""
    shutil.rmtree(os.environ["KINOFORM_HOME"], ignore_errors=True)
