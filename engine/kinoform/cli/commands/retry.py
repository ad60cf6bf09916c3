"""`kinoform retry`: run again what failed in the last run, and what that blocked; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.cli.commands import plan as planning
from kinoform.cli.commands.run import PRINTS, carry_out, refuse, with_options
from kinoform.cli.opening import opened
from kinoform.cli.options import command

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show


@command("retry", targets=True, prints=PRINTS)
@planning.scoped
@with_options
def retry(show: Show, options: Options, **own: Any) -> int:
    """Make what failed in the last run, and what that blocked.

    What was turned down for its content is not sent again: --rebuy does that.

    Example: kinoform retry film
    """
    refuse(options, own)
    found = opened(options, own["max_steps"], frozen=own["frozen"])
    return carry_out(show, options, found, {**own, "retry": True})
