"""What templates may look into, what stands for it in text, and the fault that says what is wrong.

Knows nothing of pipelines: who speaks brings its own names and noun. Does without Jinja.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from kinoform.spec.names import near

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kinoform.core.types import Ref

_LISTED = 12
CIRCLE = "templates that call each other"


class TemplateFault(Exception):  # noqa: N818  (becomes a located Problem where the text stands)
    """A template that cannot be evaluated: code, sentence, fix.

    `line` (from 1, 0 if unknown) is that of the text itself, or of `partial` where that is named.
    """

    def __init__(self, code: str, message: str, hint: str = "", line: int = 0) -> None:
        self.code, self.message, self.hint, self.line = code, message, hint, line
        self.partial = ""
        super().__init__(message)


class KnownLater(Exception):  # noqa: N818  (not a fault: the value is known after run)
    """Evaluation met a fact of an artifact that only running will tell."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref
        super().__init__(ref.step)


class Broken(Exception):  # noqa: N818  (said already where it broke)
    """Evaluation met a value whose own fault has been reported."""


class Nothing:
    """Base of what stands for a name that is not there; making text of it says so."""

    __slots__ = ()


class Speaks:
    """Base of the values of ours that templates may look into.

    A base class and no protocol: the question is asked at every attribute of every prompt.
    """

    __slots__ = ()
    NOUN = "this"

    def get(self, name: str) -> Any:
        """The attribute. Raises KeyError when there is none."""
        raise KeyError(name)

    def item(self, name: str) -> Any:
        """What stands in brackets. Raises KeyError."""
        return self.get(name)

    def names(self) -> Iterable[str]:
        """What `get` knows, for near names."""
        return ()

    def absent(self, name: str) -> str:
        """The sentence for a name that `get` does not know."""
        return f"{name!r} is not defined here"

    def exists(self) -> bool:
        """False for what stands for none."""
        return True


def listed(name: str, known: Iterable[str]) -> str:
    """A hint for a wrong name: the near one, else the first that there are."""
    known = known if isinstance(known, Mapping) else list(known)
    close = near(name, known)
    if close:
        return f"did you mean {close}?"
    first = list(islice(known, _LISTED + 1))
    more = ", ..." if len(first) > _LISTED else ""
    return f"known: {', '.join(first[:_LISTED])}{more}" if first else "nothing is declared"


def as_text(value: Any) -> Any:
    """What stands in text for a value. Scalars only: none, maps and artifacts are errors."""
    if isinstance(value, str):
        return value
    if value is None:
        raise TemplateFault("none-in-text", "a value in this text is none", _NONE_HINT)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Nothing):
        return str(value)
    raise TemplateFault("not-text", f"{noun(value)} cannot stand in text", _TEXT_HINT)


_NONE_HINT = "give it a fallback, {{ x or '' }}, or ask first: {% if x %}…{% endif %}"
_TEXT_HINT = "name one of its fields, join a list with |join(', '), pass artifacts as ${{ … }}"


def noun(value: Any) -> str:
    """What a person calls such a value."""
    if isinstance(value, Speaks):
        return value.NOUN
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "a function" if callable(value) else "this"
