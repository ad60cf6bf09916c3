"""`kinoform retake`: buy one more take of a step, by its recipe of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kinoform.cli.commands.run import PRINTS, carry_out, refuse, with_options
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, needed, selecting
from kinoform.spec.fan import MAX_INSTANCES

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("retake", targets=True, prints=PRINTS)
@selecting
@with_options
@click.option("--max-steps", type=click.IntRange(1), default=MAX_INSTANCES, metavar="N",
              help="Allow more instances than usual.")  # fmt: skip
def retake(show: Show, options: Options, **own: Any) -> int:
    """Buy one more take of each named step, whatever `takes` says.

    What stands for the step stays until somebody picks. Local steps come out the same each time:
    run --force makes them again.

    Example: kinoform retake film clip@s020
    """
    refuse(options, own)
    needed(options, asked(options, own), "retake")
    found = opened(options, own["max_steps"])
    return carry_out(show, options, found, {**own, **_NONE, "retake": True})


# What `run` may be told to cover, and a retake says by itself.
_NONE = {"only": False, "force": False, "rebuy": (), "frozen": False, "final": ()}
