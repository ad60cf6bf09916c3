"""How large a text may be, whoever makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kinoform.spec.speech import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TEXT: Final = 64 * 1024
# Source text: a template may be longer than what it gives, but Jinja reads 1 MB in a second.
MAX_SOURCE: Final = 4 * MAX_TEXT


def fits(text: Any) -> Any:
    """The value. Raises TemplateFault for a text above 64 KB."""
    if isinstance(text, str) and len(text) > MAX_TEXT:
        raise too_large()
    return text


def too_large() -> TemplateFault:
    """The fault of a text above 64 KB."""
    return TemplateFault("template-too-large", f"more than {MAX_TEXT // 1024} KB of text")


def joined(parts: Iterable[Any]) -> str:
    """One text; stops at the first part that makes it too large."""
    pieces, size = [], 0
    for part in parts:
        piece = str(part)
        size += len(piece)
        if size > MAX_TEXT:
            raise too_large()
        pieces.append(piece)
    return "".join(pieces)
