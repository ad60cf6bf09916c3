"""Who decides: the name that git has for the person who sits here, else the system's."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from kinoform.api.tasks import person
from kinoform.stores.git import find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LIMIT = 5.0  # seconds that git may think


def of_git(root: Path) -> str:
    """`user.name` as git has it for this folder; "" without git, or where it has none."""
    program = find(os.environ)
    if not program:
        return ""
    words = [program, "-C", str(root), "config", "user.name"]
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if not done.returncode else ""


def who(
    root: Path, said: str = "", ask: tuple[Callable[[Path], str], Callable[[], str]] | None = None
) -> str:
    """The name that was said, else that of git, else that of the system."""
    git, system = ask or (of_git, person)
    return said.strip() or git(root) or system()
