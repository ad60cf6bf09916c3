"""The shell of the command line: words in, one status out, every failure in one form."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from kinoform import __version__
from kinoform.__main__ import main
from kinoform.cli.completion import SCRIPTS
from kinoform.cli.exits import MEANINGS, Exit
from kinoform.cli.main import COMMANDS, COMPLETE, root, run
from kinoform.cli.options import Options, assigned, command, placed
from kinoform.core import errors
from kinoform.core.errors import KinoformError, Problem, SpecError, UsageError, Where

if TYPE_CHECKING:
    from kinoform.cli.show import Show

FAULTY = SpecError(
    [
        Problem("bad-var", "second", Where("film/pipeline.yaml", 9, 2)),
        Problem("bad-word", "first", Where("film/pipeline.yaml", 3, 7), hint="write it so"),
    ]
)


@command("probe", targets=True)
@click.option("--count", type=int, default=0)
def probe(show: Show, options: Options, count: int) -> int:
    """Say what was understood."""
    show.say("talk")
    show.document(
        {
            "path": str(options.path),
            "targets": list(options.targets),
            "profile": options.profile,
            "vars": dict(options.vars),
            "draft": options.draft,
            "json": options.json,
        }
    )
    return count


@command("faulty")
def faulty(show: Show, options: Options) -> None:
    """Find two faults."""
    raise FAULTY


@command("interrupted")
def interrupted(show: Show, options: Options) -> None:
    """Meet Ctrl-C."""
    raise KeyboardInterrupt


HERE = __name__
TABLE = {
    "probe": (f"{HERE}:probe", "Say what was understood."),
    "faulty": (f"{HERE}:faulty", "Find two faults."),
    "interrupted": (f"{HERE}:interrupted", "Meet Ctrl-C."),
    "absent": ("kinoform.cli.no_such_module:command", "Import what is not there."),
}


def ask(*words: str) -> int:
    return run(words, {}, TABLE)


def understood(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert ask("probe", *words) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


# Words


def test_draft_alone_leaves_the_next_word_alone(capsys: pytest.CaptureFixture[str]) -> None:
    found = understood(capsys, "--draft", "film", "clip@s020")
    assert (found["draft"], found["targets"]) == ("all", ["film", "clip@s020"])


def test_draft_takes_a_value_after_the_equals_sign(capsys: pytest.CaptureFixture[str]) -> None:
    assert understood(capsys, "film", "--draft=missing")["draft"] == "missing"
    assert understood(capsys, "film", "--draft")["draft"] == "all"
    assert understood(capsys, "film")["draft"] == ""


def test_draft_with_another_value_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("probe", "--draft=mising") == Exit.USAGE
    assert "'missing'" in capsys.readouterr().err


def test_behind_two_hyphens_every_word_is_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert understood(capsys, "--", "--draft")["targets"] == ["--draft"]


def test_variables_repeat_and_the_last_one_wins(capsys: pytest.CaptureFixture[str]) -> None:
    found = understood(capsys, "--var", "mood=calm", "--var", "x=a=b", "--var", "mood=wild")
    assert found["vars"] == {"mood": "wild", "x": "a=b"}


def test_every_variable_without_a_value_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        assigned(["mood", "fine=1", "=x"])
    assert [p.code for p in caught.value.problems] == ["bad-var", "bad-var"]


def test_the_first_word_is_the_path_if_it_exists(tmp_path: Path) -> None:
    assert placed([str(tmp_path), "clip"], None) == (tmp_path, ("clip",))


def test_the_first_word_is_a_target_if_no_such_path_exists() -> None:
    assert placed(["clip@s020", "reel"], None) == (Path(), ("clip@s020", "reel"))


def test_with_a_folder_named_every_word_is_a_target(tmp_path: Path) -> None:
    assert placed([str(tmp_path)], str(tmp_path)) == (tmp_path, (str(tmp_path),))


@pytest.mark.parametrize("word", ["films/none", "pipelin.yaml", "plan.json"])
def test_a_word_that_can_only_be_a_path_must_exist(word: str) -> None:
    with pytest.raises(UsageError, match="no such file"):
        placed([word], None)


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        placed([], str(tmp_path / "none"))


# Failures


def test_faults_are_said_in_file_order_with_place_code_and_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ask("faulty") == Exit.INVALID
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "film/pipeline.yaml:3:7: error[bad-word]: first",
        "  hint: write it so",
        "film/pipeline.yaml:9:2: error[bad-var]: second",
    ]


def test_with_json_faults_are_one_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("faulty", "--json") == Exit.INVALID
    found = json.loads(capsys.readouterr().out)
    assert found["version"] == 1
    assert found["problems"][0] == {
        "code": "bad-word",
        "severity": "error",
        "message": "first",
        "hint": "write it so",
        "path": "",
        "where": {"file": "film/pipeline.yaml", "line": 3, "col": 7},
    }


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["prob"], "unknown-command", "did you mean probe?"),
        (["probe", "--jsn"], "unknown-option", "did you mean --json?"),
        (["--json", "probe"], "unknown-option", "it follows the command: kinoform COMMAND --json"),
        (["probe", "--count", "x"], "bad-word", "kinoform probe -h says what it takes"),
        (["probe", "--count"], "bad-usage", "kinoform probe -h says what it takes"),
        (["."], "unknown-command", "the command comes first: kinoform run ."),
    ],
)
def test_a_wrong_word_gets_its_near_name_or_where_to_read(
    capsys: pytest.CaptureFixture[str], words: list[str], code: str, hint: str
) -> None:
    assert ask(*words) == Exit.USAGE
    err = capsys.readouterr().err
    assert f"error[{code}]: " in err
    assert f"  hint: {hint}\n" in err


def test_a_wrong_word_with_json_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("probe", "--jsom", "--json") == Exit.USAGE
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "unknown-option"


def test_talk_goes_to_stderr_and_data_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("probe", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["json"] is True
    assert err == "talk\n"


def test_what_a_command_returns_is_the_status() -> None:
    assert ask("probe", "--count", "10") == Exit.WORK


def test_ctrl_c_inside_a_command_passes_to_the_door() -> None:
    with pytest.raises(KeyboardInterrupt):
        ask("interrupted")


# Help


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["help"]])
def test_help_lists_the_table_and_imports_no_command(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert ask(*words) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.split("Commands:\n")[1].splitlines()[:4]] == list(TABLE)
    assert "kinoform.cli.no_such_module" not in sys.modules


@pytest.mark.parametrize("words", [["probe", "-h"], ["probe", "--help"], ["help", "probe"]])
def test_every_command_explains_itself(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert ask(*words) == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: kinoform probe [OPTIONS] [PATH] [TARGET]...")
    assert "--draft[=missing]" in out


def test_no_word_at_all_shows_the_help_as_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask() == Exit.USAGE
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_can_be_loaded(name: str) -> None:
    group = root()
    context = click.Context(group, info_name="kinoform")
    loaded = group.get_command(context, name)
    assert loaded is not None
    assert loaded.name == name
    assert loaded.get_short_help_str(200).rstrip(".") == COMMANDS[name][1].rstrip(".")
    names = loaded.context_settings["help_option_names"]
    assert names == ["-h", "--help"]


def test_every_error_ends_with_a_status_of_the_table() -> None:
    kinds = [
        k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, KinoformError)
    ]
    assert {kind.exit for kind in kinds} <= {int(status) for status in MEANINGS}
    assert set(MEANINGS) == set(Exit)


# The door


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_version_is_answered_before_click_is_loaded() -> None:
    done = python(
        "import sys; from kinoform.__main__ import main; main(['-V'])\n"
        "sys.exit('click' in sys.modules or 'kinoform.cli.main' in sys.modules)"
    )
    assert (done.returncode, done.stdout) == (0, f"kinoform {__version__}\n")


def test_the_version_is_the_same_however_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert run(["--version"], {}) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


BROKEN = """
import sys
from kinoform.__main__ import main
from kinoform.cli.main import COMMANDS
COMMANDS["break"] = ("no_such_module:x", "Break.")
sys.exit(main(["break", "--var", "key=hunter2"]))
"""


def test_a_fault_of_ours_is_one_sentence_and_a_report(tmp_path: Path) -> None:
    done = python(BROKEN, KINOFORM_HOME=str(tmp_path), KINOFORM_DEBUG="")
    assert done.returncode == Exit.FAULT
    first, hint = done.stderr.splitlines()
    (report,) = (tmp_path / "crash").iterdir()
    assert first == (
        "error[fault]: kinoform met a fault of its own (ModuleNotFoundError);"
        f" the report is {report}"
    )
    assert "KINOFORM_DEBUG=1" in hint
    assert "Traceback" in report.read_text("utf-8")
    assert "hunter2" not in report.read_text("utf-8")


def test_the_report_goes_to_the_temporary_folder_when_home_cannot_hold_it(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    done = python(
        BROKEN, KINOFORM_HOME=str(tmp_path / "home"), TMPDIR=str(tmp_path), KINOFORM_DEBUG=""
    )
    assert done.returncode == Exit.FAULT
    assert len(list(tmp_path.glob("kinoform-crash-*.txt"))) == 1


def test_the_debug_variable_shows_the_traceback(tmp_path: Path) -> None:
    done = python(BROKEN, KINOFORM_HOME=str(tmp_path), KINOFORM_DEBUG="1")
    assert done.returncode == Exit.FAULT
    assert "ModuleNotFoundError" in done.stderr
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_with_130_and_no_traceback() -> None:
    code = (
        "import signal, sys, time\n"  # tests that run in the background are to ignore it
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from kinoform.__main__ import main\n"
        "from kinoform.cli.main import COMMANDS\n"
        "from kinoform.cli.options import command\n"
        "@command('doze')\n"
        "def doze(show, options):\n"
        "    show.line('ready'); show.out.flush(); time.sleep(60)\n"
        "COMMANDS['doze'] = ('__main__:doze', 'Sleep.')\n"
        "sys.exit(main(['doze']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == Exit.INTERRUPTED
    assert err.strip() == "interrupted"


def test_a_reader_that_went_away_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "kinoform", "completion", "zsh"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.PIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_the_output_is_said_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kinoform", "completion", "zsh", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == Exit.ENVIRONMENT
    assert done.stderr.startswith("error[system-refused]: No space left on device")


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_a_shell(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert run(["completion", shell], {}) == 0
    printed = capsys.readouterr().out
    assert "_KINOFORM_COMPLETE" in printed
    assert printed.strip() == SCRIPTS[shell](root(), {}, "kinoform", COMPLETE).source().strip()


def test_tab_completes_commands_and_imports_none() -> None:
    done = python(
        "import sys; from kinoform.__main__ import main\n"
        "main([]); sys.exit('kinoform.cli.completion' in sys.modules)",
        _KINOFORM_COMPLETE="bash_complete",
        COMP_WORDS="kinoform compl",
        COMP_CWORD="1",
    )
    assert (done.returncode, done.stdout) == (0, "plain,completion\n")
