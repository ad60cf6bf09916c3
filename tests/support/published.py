"""The published schema of pipeline files, as it lies in the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "schemas" / "pipeline.json").read_text(encoding="utf-8")
)
