"""Which paid work a command is about: a project's, or all of the user's outside of one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.api import tasks
from kinoform.core.errors import UsageError

if TYPE_CHECKING:
    from kinoform.api.home import Home
    from kinoform.cli.options import Options


def scope(home: Home, options: Options) -> str:
    """The project's name in the records; "" for everything, where no project was named or is here.

    Raises UsageError for a PATH that is none.
    """
    known = {task.project for task in home.ledger.tasks()}
    try:
        return tasks.scope(options.path, known)
    except UsageError:
        if options.path == Path():
            return ""
        raise


def said_path(options: Options) -> str:
    """The project as a command line names it: as it was typed, empty for the current folder."""
    return "" if options.path == Path() else os.fspath(options.path)
