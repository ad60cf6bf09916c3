"""Where the bytes of a file are: at a path, or at hand. What reads them need not know."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import IO, TypeAlias

Source: TypeAlias = Path | bytes


def opened(source: Source) -> IO[bytes]:
    """The bytes from their beginning. Raises OSError."""
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")
