"""Runs the program that prints a key: no shell, a time limit, and nothing of it is ever shown."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinoform.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIMIT: Final = 10.0  # seconds


def printed(
    argv: Sequence[str], environ: Mapping[str, str], limit: float = LIMIT
) -> tuple[Secret, str]:
    """What the program prints, and what went wrong as the end of a sentence ("" if nothing).

    It runs in the root folder and is looked up in the absolute folders of PATH alone, so that no
    file of a project can take its place. It reads nothing, and its complaints are dropped.
    """
    found = _program(argv, environ)
    if not found:
        return Secret(""), "is found neither by its absolute path nor on the PATH"
    try:
        process = subprocess.Popen(
            [found, *argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(found).anchor,
            env=dict(environ),
        )
    except (OSError, ValueError):
        return Secret(""), "cannot be started"
    with process:
        return _awaited(process, limit)


def _awaited(process: subprocess.Popen[bytes], limit: float) -> tuple[Secret, str]:
    try:
        data, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        return Secret(""), f"did not end within {limit:g} seconds"
    if process.returncode:
        return Secret(""), f"ended with status {process.returncode}"
    return Secret(data.decode("latin-1")), ""


def _program(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    folders = environ.get("PATH", "").split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if Path(folder).is_absolute())
    found = shutil.which(argv[0], path=path) if argv else None
    return found if found and Path(found).is_absolute() else ""
