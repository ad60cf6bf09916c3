"""`local/text`: words written to a file. Small enough to run thousands of times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.ops.params import misuse
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.core.types import Action


def perform(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """Write `text` as UTF-8, exactly as given; `inputs` are only what it follows from.

    Raises:
        OpError: `text` is missing or is no text.
    """
    del files
    words = action.params.get("text")
    if not isinstance(words, str):
        raise misuse("text", "text", words)
    target = out / "text.txt"
    target.write_bytes(words.encode())
    return (Made(target, "text/plain"),)
