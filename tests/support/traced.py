"""A program in another Python under strace, for tests of what it asks of the system."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# .ci/run installs it, so that these tests are skipped on a developer's machine at the most.
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")


def traced(trace: Path, options: list[str], code: str, *words: str) -> str:
    """What the code printed; what strace saw is in the file `trace`. Its standard error must be empty."""
    command = ["strace", "-f", "-o", str(trace), *options, sys.executable, "-B", "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "strace:" in done.stderr:  # as in a container that forbids it
        pytest.skip(f"strace is refused here: {done.stderr[:80]}")
    assert done.stderr == ""
    return done.stdout
