"""Which steps a command is about: its targets, --select and --exclude, said the same for all."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.planning import Asked
from kinoform.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.decisions import Lot

_OPTIONS = (
    click.option("--select", multiple=True, metavar="EXPR",
                 help="These steps: clip@s0*, tag:x, model:x, state:x, +x, x+1."),
    click.option("--exclude", multiple=True, metavar="EXPR", help="But not these steps."),
)  # fmt: skip


def selecting(work: Any) -> Any:
    """Declare --select and --exclude."""
    for option in reversed(_OPTIONS):
        work = option(work)
    return work


def asked(options: Options, own: Mapping[str, Any]) -> Asked:
    """What targets, --select and --exclude ask for."""
    return Asked(options.targets, own["select"], own["exclude"])


def needed(options: Options, words: Asked, command: str) -> Asked:
    """The same for a command that needs a step. Raises UsageError where none is named."""
    if not words.names:
        hint = f"as in: kinoform {command} {shlex.quote(str(options.path))} STEP"
        raise UsageError(Problem("missing-word", f"{command} needs the name of a step", hint=hint))
    return words


def numbers(show: Show, found: Opened, planned: Planned, words: Asked) -> Collection[int] | None:
    """The steps that are named in a plan of the whole film; None where none are, for all of them.

    Says so where no step is in the states that were asked for. Raises UsageError.
    """
    choice = found.project.named(planned, words)
    if choice.nothing is not None:
        show.problems([choice.nothing])
    return choice.goals


def matching(lots: Sequence[Lot], chosen: Collection[int] | None) -> Sequence[Lot]:
    """The decisions on these steps, all of them for None."""
    if chosen is None:
        return lots
    rows = [[row for row, (number, _) in enumerate(lot.nodes) if number in chosen] for lot in lots]
    return [lot.of(some) for lot, some in zip(lots, rows, strict=True) if some]


def typed(own: Mapping[str, Any]) -> list[str]:
    """--select, --exclude, --only and --frozen as they were typed, for a command line that asks again."""
    words = [each for text in own["select"] for each in ("--select", text)]
    words += [each for text in own["exclude"] for each in ("--exclude", text)]
    words += [each for text in own.get("final", ()) for each in ("--final", text)]
    return [*words, *(f"--{flag}" for flag in ("only", "frozen") if own.get(flag))]
