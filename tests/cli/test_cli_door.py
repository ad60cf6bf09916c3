"""A command as a process of its own: it ends at once, with all that it said and its status."""

from __future__ import annotations

import os
import subprocess
import sys

from kinoform.cli.exits import Exit

HALF = """
import sys
from kinoform.__main__ import door
sys.stdout.write("half a line")
sys.stderr.write("another half")
door()
"""


def test_what_was_said_without_an_end_of_line_is_not_lost() -> None:
    words = [sys.executable, "-c", HALF, "-V"]
    held = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(words, env=held, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("half a line")
    assert done.stderr == "another half"


def test_the_status_of_a_process_is_that_of_its_command() -> None:
    words = [sys.executable, "-c", HALF, "nope"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == Exit.USAGE
    assert "no command 'nope'" in done.stderr
