"""Where a key comes from: one place, read when it is needed, and never shown."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest

from kinoform.api.key_commands import printed
from kinoform.api.keys import KeySource, key_source, loose
from kinoform.api.settings import ProviderSettings
from kinoform.api.vendors import VENDORS
from kinoform.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY = "q7RtZ2mX9pLw4KcV8sNb"
RUNWARE = VENDORS["runware"]
POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")


def found(environ: Mapping[str, str], **own: object) -> KeySource:
    settings = ProviderSettings(RUNWARE.base, **own)  # type: ignore[arg-type]  # fields by name
    source = key_source(RUNWARE, settings, environ)
    assert source
    return source


def read(environ: Mapping[str, str], **own: object) -> str:
    return found(environ, **own).read().reveal()


def fault(environ: Mapping[str, str], **own: object) -> Problem:
    with pytest.raises(UsageError) as caught:
        found(environ, **own).read()
    (problem,) = caught.value.problems
    assert KEY not in repr(problem)
    assert KEY not in repr(found(environ, **own))
    return problem


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def command(code: str) -> dict[str, str]:
    return {"RUNWARE_API_KEY": f"command: {shlex.join(python(code))}"}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "runware.key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return path


def test_no_place_names_a_key() -> None:
    assert key_source(RUNWARE, ProviderSettings(RUNWARE.base), {"RUNWARE_API_KEY": ""}) is None
    assert key_source(RUNWARE, ProviderSettings(RUNWARE.base), {"WAVESPEED_API_KEY": KEY}) is None


def test_a_key_stands_in_a_variable_a_file_or_what_a_program_prints(key_file: Path) -> None:
    assert read({"RUNWARE_API_KEY": KEY}) == KEY
    assert read({"RUNWARE_API_KEY_FILE": str(key_file)}) == KEY
    assert read(command(f"print('{KEY}')")) == KEY
    assert read({}, key_file=key_file) == KEY
    assert read({}, key_command=python(f"print('{KEY}')")) == KEY


def test_variables_go_before_the_settings(key_file: Path) -> None:
    other = python("print('another')")
    assert read({"RUNWARE_API_KEY": KEY}, key_command=other) == KEY
    assert read({"RUNWARE_API_KEY_FILE": str(key_file)}, key_command=other) == KEY


def test_two_places_at_once_are_refused_by_name(key_file: Path) -> None:
    problem = fault({"RUNWARE_API_KEY": KEY, "RUNWARE_API_KEY_FILE": str(key_file)})
    assert problem.code == "two-keys"
    assert "RUNWARE_API_KEY and RUNWARE_API_KEY_FILE" in problem.message
    assert fault({}, key_file=key_file, key_command=("pass",)).code == "two-keys"


def test_finding_a_key_reads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    source = found(command(f"open({str(mark)!r}, 'w'); print('{KEY}')"))
    assert not mark.exists()
    source.read()
    assert mark.exists()


@pytest.mark.parametrize("text", [f"{KEY}\n", f"{KEY}\r\n", KEY])
def test_the_line_end_behind_a_key_is_no_part_of_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, newline="")
    assert read({"RUNWARE_API_KEY_FILE": str(tmp_path / "key")}) == KEY


@pytest.mark.parametrize(
    "text",
    ["", "\n", f"{KEY} ", f" {KEY}", f"{KEY}\nmore", f"{KEY}\x00", f"{KEY}ä", f"\ufeff{KEY}",
     f"RUNWARE_API_KEY = {KEY}", KEY * 100],
)  # fmt: skip
def test_what_can_be_no_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, "utf-8")
    assert fault({"RUNWARE_API_KEY_FILE": str(tmp_path / "key")}).code == "key-malformed"
    if text.strip():
        assert fault({"RUNWARE_API_KEY": text}).code == "key-malformed"


def test_a_key_in_the_place_of_a_path_is_not_shown() -> None:
    assert fault({"RUNWARE_API_KEY_FILE": KEY}).code == "key-unreadable"
    assert fault({"RUNWARE_API_KEY_FILE": f"/{KEY}"}).code == "key-unreadable"
    assert fault({"RUNWARE_API_KEY_FILE": f"~{KEY}/x"}).code == "key-unreadable"
    assert fault({"RUNWARE_API_KEY_FILE": f"/{KEY}\x00"}).code == "key-unreadable"


def test_only_a_plain_file_is_read(tmp_path: Path) -> None:
    assert "no plain file" in fault({"RUNWARE_API_KEY_FILE": str(tmp_path)}).message
    assert "no plain file" in fault({"RUNWARE_API_KEY_FILE": os.devnull}).message


def test_no_file_of_a_project_is_a_key_file(key_file: Path) -> None:
    with chdir(key_file.parent):
        assert "absolute" in fault({"RUNWARE_API_KEY_FILE": key_file.name}).message


@POSIX
def test_a_file_that_others_can_read_is_warned_of(key_file: Path) -> None:
    source = found({}, key_file=key_file)
    assert loose(source) is None
    key_file.chmod(0o640)
    warning = loose(source)
    assert warning
    assert (warning.code, warning.severity) == ("key-file-open", "warning")
    assert warning.hint == f"chmod 600 {key_file}"
    assert source.read().reveal() == KEY


def test_what_is_not_there_is_not_warned_of(tmp_path: Path) -> None:
    assert loose(found({}, key_file=tmp_path / "none")) is None
    assert loose(found({"RUNWARE_API_KEY": KEY})) is None


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (f"import sys; print('{KEY}', file=sys.stderr); sys.exit(3)", "ended with status 3"),
        (f"print('{KEY} and more')", "one word of printable ASCII"),
        ("pass", "holds nothing"),
    ],
)
def test_a_program_that_fails_is_said_without_what_it_printed(code: str, says: str) -> None:
    problem = fault(command(code))
    assert says in problem.message
    assert "RUNWARE_API_KEY" in problem.message


@pytest.mark.parametrize("words", ["", " ", "no-such-program-9 x", f"'{KEY}", f"./{KEY}", KEY])
def test_a_program_that_is_not_there_is_said(words: str) -> None:
    assert fault({"RUNWARE_API_KEY": f"command:{words}"}).code == "key-command-failed"


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    program = python("import sys; print('-'.join(sys.argv[1:]))")
    words = f"{shlex.join(program)} $HOME ; touch {mark}"
    assert read({"RUNWARE_API_KEY": f"command:{words}"}) == f"$HOME-;-touch-{mark}"
    assert not mark.exists()


@POSIX
def test_a_project_cannot_put_a_program_in_the_way(tmp_path: Path) -> None:
    program = tmp_path / "pass"
    program.write_text(f"#!/bin/sh\necho {KEY}\n")
    program.chmod(0o755)
    with chdir(tmp_path):
        for path in (".", "", f".{os.pathsep}/nowhere", "../" + tmp_path.name):
            said, wrong = printed(["pass", "show"], {"PATH": path})
            assert (said.reveal(), "PATH" in wrong) == ("", True)
    assert printed(["pass"], {"PATH": str(tmp_path)})[0].reveal() == f"{KEY}\n"


def test_a_program_that_does_not_end_is_ended_and_so_is_the_wait() -> None:
    child = "import time; time.sleep(3)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    said, wrong = printed(python(code), {}, limit=0.3)
    assert (said.reveal(), wrong) == ("", "did not end within 0.3 seconds")
