"""`kinoform doctor`: whether this machine has what a run needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from kinoform.api import doctor as checks
from kinoform.cli.exits import Exit
from kinoform.cli.options import command
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from kinoform.api.accounts import Calls
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1
_CALLS: dict[bool | None, Calls] = {None: "some", True: "all", False: "none"}


FIELDS: Fields = {
    **VERSIONED,
    "well": "boolean: nothing has to be mended",
    "checks": "list: each thing that was looked at",
    "checks[].name": "string: what it is",
    "checks[].state": "string: ok, warn or fail",
    "checks[].said": "string: what was seen",
    "checks[].fix": "string: what to do; empty where nothing is needed",
}


@command("doctor", prints={"--json": FIELDS})
@click.option("--online/--offline", default=None,
              help="Ask every account, also where a program prints the key; or none.")  # fmt: skip
def doctor(show: Show, options: Options, *, online: bool | None) -> int:
    """Look at this machine: ffmpeg, pictures, folders, disk, keys.

    Asks each provider whose key is at hand for the balance: that is free, and nothing is spent.
    Keys are named and never shown.

    Example: kinoform doctor --offline
    """
    found = checks.examine(checks.this_machine(_CALLS[online]))
    states = Counter(check.state for check in found)
    if options.json:
        rows = [asdict(check) for check in found]
        show.document({"version": VERSION, "well": not states["fail"], "checks": rows})
    else:
        for check in found:
            show.line(f"{check.state:<4}  {check.name:<11}  {check.said}")
            if check.fix:
                show.line(f"{'':<19}fix: {check.fix}")
        said = f"{states['ok']} well, {states['warn']} to know, {states['fail']} to mend"
        show.line(said)
    return Exit.ENVIRONMENT if states["fail"] else Exit.DONE
