"""The report of a fault of our own: one sentence for the person, a file for whoever mends it.

Knows nothing of commands; works when hardly anything else does.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kinoform import __version__
from kinoform.cli.exits import Exit
from kinoform.cli.show import Show
from kinoform.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def report(
    error: BaseException, words: Sequence[str], environ: Mapping[str, str], stderr: TextIO
) -> Exit:
    """Say in one line that kinoform failed and where the report lies; return the exit status.

    With KINOFORM_DEBUG set to anything but 0 the traceback is shown instead of filed.
    """
    trace = "".join(traceback.format_exception(error))
    if environ.get("KINOFORM_DEBUG", "0") not in {"", "0"}:
        stderr.write(trace)
        return Exit.FAULT
    if isinstance(error, OSError):
        status, problem = Exit.ENVIRONMENT, _refused(error)
    else:
        status, problem = Exit.FAULT, _fault(error, _file(_text(trace, words), environ))
    show = Show(sys.stdout, stderr, environ, json="--json" in words)
    try:
        show.fail([problem])
    except OSError:  # standard output itself is what failed
        show.problems([problem])
    return status


def _refused(error: OSError) -> Problem:
    # What the system refuses is no fault of ours: a full disk, a folder that may not be written.
    said = error.strerror or type(error).__name__
    named = f": {error.filename}" if error.filename else ""
    return Problem("system-refused", f"{said}{named}", hint="KINOFORM_DEBUG=1 shows where")


def _fault(error: BaseException, place: Path | None) -> Problem:
    told = f"; the report is {place}" if place else ""
    return Problem(
        "fault",
        f"kinoform met a fault of its own ({type(error).__name__}){told}",
        hint="KINOFORM_DEBUG=1 shows it here",
    )


def _text(trace: str, words: Sequence[str]) -> str:
    # What follows a "=" may be a secret; names of options and steps are enough to repeat it.
    shown = " ".join(word.split("=")[0] + "=..." if "=" in word else word for word in words)
    return (
        f"kinoform {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"command: kinoform {shown}\n\n{trace}"
    )


def _file(text: str, environ: Mapping[str, str]) -> Path | None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for folder in (_home(environ) / "crash", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(".txt", f"kinoform-crash-{stamp}-", folder)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return Path(name)
    return None


def _home(environ: Mapping[str, str]) -> Path:
    if environ.get("KINOFORM_HOME"):
        return Path(environ["KINOFORM_HOME"]).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415  (only a fault pays for it)

    return user_data_path("kinoform", appauthor=False)
