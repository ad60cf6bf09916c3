"""`kinoform doctor`: whether this machine has what a run needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from kinoform.api import doctor as checks
from kinoform.cli.exits import Exit
from kinoform.cli.opening import PROVIDERS
from kinoform.cli.options import command

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show

VERSION = 1


@command("doctor")
def doctor(show: Show, options: Options) -> int:
    """Look at this machine: ffmpeg, pictures, folders, disk, keys.

    Names of keys only are shown, never what they hold.

    Example: kinoform doctor
    """
    found = checks.examine(checks.this_machine(tuple(PROVIDERS)))
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
