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


# A command that does what the test says; Ctrl-C as a person has it, though the tests run in the background.
DOES = """
import signal, sys, time, weakref
signal.signal(signal.SIGINT, signal.default_int_handler)
from kinoform.__main__ import door
from kinoform.cli.main import COMMANDS
from kinoform.cli.options import command
class Thing: pass
class Pressed:
    write = flush = lambda *_: signal.raise_signal(signal.SIGINT)
@command("doze")
def doze(show, options):
    {}
COMMANDS["doze"] = ("__main__:doze", "")
door()
"""
COLLECTS = (
    'sys.stdout.write("half a line"); kept = [Thing()];'
    " there = weakref.ref(kept[0], lambda _: {}); kept.clear(); {}"
)


def doze(work: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", DOES.format(work), "doze"]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_ctrl_c_where_python_ignores_it_ends_the_command_all_the_same() -> None:
    done = doze(COLLECTS.format("signal.raise_signal(signal.SIGINT)", "time.sleep(60)"))
    assert done.returncode == Exit.INTERRUPTED
    assert (done.stdout, done.stderr) == ("half a line", "\ninterrupted\n")


# What a script does that was made for the command, and what else Python does before it calls the door.
SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from kinoform.__main__ import door
{}
door()
"""


def test_ctrl_c_before_the_door_is_open_ends_it_in_the_same_words() -> None:
    words = [sys.executable, "-c", SCRIPT.format("signal.raise_signal(signal.SIGINT)"), "--version"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == Exit.INTERRUPTED
    assert (done.stdout, done.stderr) == ("", "\ninterrupted\n")


def test_another_fault_before_the_door_is_open_is_shown() -> None:
    words = [sys.executable, "-c", SCRIPT.format("1 / 0"), "--version"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_ctrl_c_while_one_is_answered_ends_it_with_no_more_words() -> None:
    done = doze("sys.stderr = Pressed(); signal.raise_signal(signal.SIGINT)")
    assert done.returncode == Exit.INTERRUPTED
    assert (done.stdout, done.stderr) == ("", "")


def test_another_fault_that_python_ignores_is_shown() -> None:
    done = doze(COLLECTS.format("1 / 0", "return 0"))
    assert done.returncode == 0
    assert "ZeroDivisionError" in done.stderr
