"""kinoform: make for generated pictures and film.

`Project.open(path)` is the product; the command line is one reader of it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # that of `typing` costs half of what an empty process takes
if TYPE_CHECKING:
    from typing import Any

    from kinoform.api.project import Project

__version__ = "0.1.0"
__all__ = ["Project", "__version__"]


def __getattr__(name: str) -> Any:
    """Load `Project` when it is first asked for, so that `--version` imports nothing."""
    if name == "Project":
        from kinoform.api.project import Project  # noqa: PLC0415  (lazy by purpose)

        return Project
    raise AttributeError(name)
