"""Finds what kinoform ships beside its code: the model files and the example pipelines.

Knows where things lie, not what is in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import kinoform
from kinoform.core.errors import EnvError, Problem

Shipped = Literal["schemas", "pipelines"]


def shipped(name: Shipped, package: Path | None = None) -> Path:
    """The folder of that name: inside an installed package, else in the checkout around it.

    `package` is the folder of the code and is an argument for tests. A folder above the package
    counts only beside a pyproject.toml that names kinoform: elsewhere that place is a stranger's
    `site-packages/schemas`. Raises EnvError.
    """
    home = package or Path(kinoform.__file__).parent
    inside = home / name
    if inside.is_dir():
        return inside
    checkout = home.parent.parent
    beside = checkout / name
    if beside.is_dir() and _is_ours(checkout / "pyproject.toml"):
        return beside
    raise EnvError(
        Problem(
            "shipped-files-missing",
            f"the folder {name}/ that belongs to kinoform is not where it was installed ({home})",
            hint="install kinoform again",
        )
    )


def _is_ours(pyproject: Path) -> bool:
    """Whether it names kinoform: one line of it says so, which is read sooner than all of TOML."""
    try:
        return 'name = "kinoform"' in pyproject.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
