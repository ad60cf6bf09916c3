"""The published schema of pipeline files, as it was installed or as it lies in the checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parents[1]


@cache
def pipeline_schema() -> dict[str, Any]:
    """`schemas/pipeline.json`, parsed once.

    A folder above the package counts only beside a pyproject.toml that names kinoform: elsewhere
    that place is a stranger's `site-packages/schemas`. Raises FileNotFoundError.
    """
    inside, checkout = _HERE / "schemas", _HERE.parents[1]
    project = checkout / "pyproject.toml"
    ours = project.is_file() and 'name = "kinoform"' in project.read_text(encoding="utf-8")
    folder = inside if inside.is_dir() or not ours else checkout / "schemas"
    schema: dict[str, Any] = json.loads((folder / "pipeline.json").read_text(encoding="utf-8"))
    return schema
