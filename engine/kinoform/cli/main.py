"""The command line as a table: which words call what, and how each failure ends.

A command is imported when it is called. Knows no pipeline; each command's own file does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kinoform import __version__
from kinoform.cli.exits import Exit
from kinoform.cli.lazy import LazyGroup
from kinoform.cli.show import Show
from kinoform.core.errors import KinoformError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.cli.lazy import Table

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("kinoform.cli.commands.init:init", "Begin a project from a shipped pipeline."),
    "check": (
        "kinoform.cli.commands.check:check",
        "Check a pipeline: file, templates, references, requests, media.",
    ),
    "plan": (
        "kinoform.cli.commands.plan:plan",
        "Say what a run would do, why, and what it may cost.",
    ),
    "run": (
        "kinoform.cli.commands.run:run",
        "Make what is missing or was edited, in order, many at once.",
    ),
    "retry": (
        "kinoform.cli.commands.retry:retry",
        "Make what failed in the last run, and what that blocked.",
    ),
    "retake": (
        "kinoform.cli.commands.retake:retake",
        "Buy one more take of each named step, whatever `takes` says.",
    ),
    "pick": (
        "kinoform.cli.commands.pick:pick",
        "Choose which result stands for a step, and say what that makes stale.",
    ),
    "adopt": (
        "kinoform.cli.commands.adopt:adopt",
        "Let a file that was made by hand stand for a step.",
    ),
    "equate": (
        "kinoform.cli.commands.equate:equate",
        "Let what was made from OLD stay valid, although NEW stands there now.",
    ),
    "history": (
        "kinoform.cli.commands.history:history",
        "List everything that was ever made for a step: when, by what, for how much, where it is.",
    ),
    "restore": (
        "kinoform.cli.commands.restore:restore",
        "Let something that a step had before stand for it again.",
    ),
    "status": (
        "kinoform.cli.commands.status:status",
        "Say what is made, up to date, and chosen.",
    ),
    "ls": (
        "kinoform.cli.commands.ls:ls",
        "List instances: model, state, tags, what they make, where it is.",
    ),
    "why": (
        "kinoform.cli.commands.why:why",
        "Say what changed since a step was made, and what catching up costs.",
    ),
    "diff": (
        "kinoform.cli.commands.diff:diff",
        "Say what differs between two states of a film, and what that costs.",
    ),
    "render": (
        "kinoform.cli.commands.render:render",
        "Print the exact request of a step, offline.",
    ),
    "pending": (
        "kinoform.cli.commands.pending:pending",
        "List paid or possibly paid work without a result, and how to go on with it.",
    ),
    "resume": (
        "kinoform.cli.commands.resume:resume",
        "Go on with paid work: ask about it, wait for it, fetch it.",
    ),
    "settle": (
        "kinoform.cli.commands.settle:settle",
        "Decide on a task that nobody can tell the outcome of, or whose results are lost.",
    ),
    "cost": (
        "kinoform.cli.commands.cost:cost",
        "Sum up what was estimated, is reserved, was paid, was refused and was wasted, in USD.",
    ),
    "push": (
        "kinoform.cli.commands.push:push",
        "Copy results to a shared folder: a network drive, a synced folder.",
    ),
    "pull": (
        "kinoform.cli.commands.pull:pull",
        "Copy results from a shared folder: what this project would make or buy, or has lost.",
    ),
    "fsck": (
        "kinoform.cli.commands.fsck:fsck",
        "Read and verify everything that is kept: objects, ledger, and results whose bytes are gone.",
    ),
    "gc": (
        "kinoform.cli.commands.gc:gc",
        "Show which drafts and local results nobody needs any more; with --yes, remove them.",
    ),
    "graph": (
        "kinoform.cli.commands.graph:graph",
        "Draw the pipeline as text for mermaid or Graphviz.",
    ),
    "models": (
        "kinoform.cli.commands.models:models",
        "List, show, choose, import and compare models; judge a request.",
    ),
    "schema": (
        "kinoform.cli.commands.schema:schema",
        "Print the JSON Schema of this project, for its editor.",
    ),
    "emulate": (
        "kinoform.cli.commands.emulate:emulate",
        "Serve both providers' APIs on this machine: same wire, nothing costs anything.",
    ),
    "doctor": (
        "kinoform.cli.commands.doctor:doctor",
        "Look at this machine: ffmpeg, pictures, folders, disk, keys.",
    ),
    "completion": ("kinoform.cli.completion:completion", "Print the completion script of a shell."),
}
COMPLETE = "_KINOFORM_COMPLETE"

# First match wins; every other complaint of click is `bad-usage`.
_CODES: tuple[tuple[type[click.ClickException], str], ...] = (
    (click.NoSuchCommand, "unknown-command"),
    (click.NoSuchOption, "unknown-option"),
    (click.MissingParameter, "missing-word"),
    (click.BadParameter, "bad-word"),
)
_COMMON = {"-C", "--json", "--profile", "--var", "--draft"}


def root(table: Table = COMMANDS) -> LazyGroup:
    """The command `kinoform` with everything below it; another table is for tests."""
    group = LazyGroup(
        "kinoform",
        table,
        help="Make for generated pictures and film: declared in YAML, built once, paid once.",
        epilog="kinoform COMMAND -h says more about one.",
        no_args_is_help=True,
    )
    return click.version_option(
        __version__, "-V", "--version", message="kinoform %(version)s", prog_name="kinoform"
    )(group)


def run(
    words: Sequence[str], environ: Mapping[str, str] = os.environ, table: Table = COMMANDS
) -> int:
    """Run one command; print what went wrong, if anything; return the exit status.

    Lets KeyboardInterrupt, BrokenPipeError and faults of our own pass to the door.
    """
    show = Show.standard(environ, json=wants_json(words))
    if environ.get(COMPLETE):
        return _complete(environ[COMPLETE])
    try:
        return _invoked(root(table), _helped(words), show)
    except KinoformError as error:
        show.fail(error.problems)
        return error.exit
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.exceptions.NoArgsIsHelpError as error:
        show.err.write(error.format_message() + "\n")
        return Exit.USAGE
    except click.ClickException as error:
        show.fail([complaint(error)])
        return Exit.USAGE


def wants_json(words: Sequence[str]) -> bool:
    """Whether --json stands among the options; asked of raw words, as parsing them may fail."""
    end = words.index("--") if "--" in words else len(words)
    return "--json" in words[:end]


def complaint(error: click.ClickException) -> Problem:
    """What click found wrong, in our form, with the near name or where to read on."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "bad-usage")
    message = error.format_message()
    if isinstance(error, click.NoSuchCommand):
        message = f"no command {error.command_name!r}"
    elif isinstance(error, click.NoSuchOption):
        message = f"no option {error.option_name}"
    return Problem(code, message[:200].rstrip("."), hint=_hint(error))


def _hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    here = context.command_path if context else "kinoform"
    if isinstance(error, click.NoSuchOption) and error.option_name in _COMMON:
        return f"it follows the command: {here} COMMAND {error.option_name}"
    near: Sequence[str] = getattr(error, "possibilities", None) or ()
    if near:
        return f"did you mean {' or '.join(near)}?"
    if isinstance(error, click.NoSuchCommand) and os.access(error.command_name, os.F_OK):
        return f"the command comes first: kinoform run {error.command_name}"
    return f"{here} -h says what it takes"


def _helped(words: Sequence[str]) -> list[str]:
    return [*words[1:], "--help"] if list(words[:1]) == ["help"] else list(words)


def _invoked(group: LazyGroup, words: list[str], show: Show) -> int:
    with group.make_context("kinoform", words, obj=show) as context:
        return int(group.invoke(context) or 0)


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete  # noqa: PLC0415  (a press of Tab only)

    return shell_complete(root(), {}, "kinoform", COMPLETE, instruction)
