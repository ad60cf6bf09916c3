"""The words that every command understands: -C, --json, --profile, --var, --draft, PATH, targets.

Turns them into one frozen `Options`; opens no project and judges no name.
"""

from __future__ import annotations

import functools
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click
from click.core import augment_usage_errors

from kinoform.cli.lazy import HELP_NAMES
from kinoform.cli.show import Show
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.views.fields import Forms

Draft: TypeAlias = Literal["", "all", "missing"]
_NOTHING: Forms = MappingProxyType({})
_SHOWN = 80  # characters of a word that a message repeats


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of any command. `path` is a pipeline file or folder; `targets` are names.

    `vars` holds text as it was typed: its type follows from the variable's default.
    `draft` is "" for the real thing, "all", or "missing" (real results where they exist).
    """

    path: Path = field(default_factory=Path)
    targets: tuple[str, ...] = ()
    profile: str = ""
    vars: Mapping[str, str] = field(default_factory=dict)
    draft: Draft = ""
    json: bool = False


def command(
    name: str, *, targets: bool = False, prints: Forms = _NOTHING
) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make `work(show, options, **own)` a command; what it returns is the exit status.

    Options of its own are declared with click's decorators below this one. With `targets` the
    command takes `[PATH] [TARGET...]`. `prints` says what its documents hold.
    """

    def decorate(work: Callable[..., int | None]) -> click.Command:
        @functools.wraps(work)
        def call(**given: Any) -> int:
            show = click.get_current_context().find_object(Show)
            return work(show, _taken(given), **given) or 0

        made = click.command(name, cls=Command, context_settings=HELP_NAMES)(call)
        made.prints = prints
        words = [click.Argument(["words"], nargs=-1, metavar="[PATH] [TARGET]...")]
        made.params = [*(words if targets else ()), *made.params, *_common()]
        return made

    return decorate


class Command(click.Command):
    """A command that knows what its documents hold.

    Its `--draft` takes a value only after `=`, so that `--draft film` is two words.
    """

    prints: Forms = _NOTHING

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Spell a bare `--draft` out before click would take the next word for its value."""
        end = args.index("--") if "--" in args else len(args)
        spelled = ["--draft=all" if word == "--draft" else word for word in args[:end]]
        with augment_usage_errors(ctx):  # so that a complaint knows its command
            return super().parse_args(ctx, spelled + args[end:])


class _DraftOption(click.Option):
    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        return "--draft[=missing]", self.help or ""


def _common() -> list[click.Parameter]:
    return [
        click.Option(["-C", "folder"], metavar="DIR", help="Work in DIR; every word is a target."),
        click.Option(
            ["--profile"], default="", metavar="NAME", help="Use this profile of the file."
        ),
        click.Option(
            ["--var", "vars"],
            multiple=True,
            metavar="NAME=VALUE",
            help="Set a variable; repeatable.",
        ),
        _DraftOption(
            ["--draft"],
            type=click.Choice(["all", "missing"]),
            help="Draw every hosted step free and offline; =missing keeps real results.",
        ),
        click.Option(
            ["--json"], is_flag=True, default=False, help="One JSON document on standard output."
        ),
    ]


def _taken(given: dict[str, Any]) -> Options:
    """Move the common words out of `given`."""
    path, targets = placed(given.pop("words", ()), given.pop("folder"))
    return Options(
        path=path,
        targets=targets,
        profile=given.pop("profile"),
        vars=assigned(given.pop("vars")),
        draft=given.pop("draft") or "",
        json=given.pop("json"),
    )


def placed(words: Sequence[str], folder: str | None) -> tuple[Path, tuple[str, ...]]:
    """PATH and targets: the first word is PATH if it exists, unless -C named the folder.

    Raises UsageError for a folder that is none, and for a first word that can only be a path.
    """
    if folder is not None:
        if not Path(folder).is_dir():
            raise UsageError(Problem("folder-not-found", f"-C {_cut(folder)}: no such folder"))
        return Path(folder), tuple(words)
    if words and Path(words[0]).exists():
        return Path(words[0]), tuple(words[1:])
    if words and ("/" in words[0] or words[0].endswith((".yaml", ".yml", ".json"))):
        raise UsageError(
            Problem(
                "path-not-found",
                f"{_cut(words[0])}: no such file or folder",
                hint="PATH is a pipeline file or the folder of one; the default is this folder",
            )
        )
    return Path(), tuple(words)


def assigned(words: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE words as a mapping; a later one wins. Raises UsageError naming every bad one."""
    bad = [word for word in words if not word.partition("=")[0].strip() or "=" not in word]
    if bad:
        raise UsageError(
            Problem("bad-var", f"--var {_cut(word)}: not NAME=VALUE", hint="as in --var mood=calm")
            for word in bad
        )
    return {name.strip(): value for name, _, value in (word.partition("=") for word in words)}


def _cut(word: str) -> str:
    return word if len(word) <= _SHOWN else word[: _SHOWN - 1] + "…"
