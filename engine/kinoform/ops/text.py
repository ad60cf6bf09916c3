"""`local/text`: words as an artifact. Small enough to be made thousands of times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.ops.params import misuse
from kinoform.ports import Small

if TYPE_CHECKING:
    from kinoform.core.types import Action


def perform(action: Action) -> tuple[Small, ...]:
    """`text` as UTF-8, exactly as given; `inputs` are only what it follows from.

    Raises:
        OpError: `text` is missing or is no text.
    """
    words = action.params.get("text")
    if not isinstance(words, str):
        raise misuse("text", "text", words)
    return (Small(words.encode(), "text/plain"),)
