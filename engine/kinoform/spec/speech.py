"""What templates may look into, what stands for it in text, and the fault that says what is wrong.

Knows Jinja's undefined values and nothing of pipelines: who speaks brings its own names and noun.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined
from jinja2.runtime import Undefined
from jinja2.utils import missing

from kinoform.spec.names import near

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED = 12


class TemplateFault(Exception):  # noqa: N818  (becomes a located Problem where the text stands)
    """A template that cannot be evaluated: code, sentence, fix.

    `line` (from 1, 0 if unknown) is that of the text itself, or of `partial` where that is named.
    """

    def __init__(self, code: str, message: str, hint: str = "", line: int = 0) -> None:
        self.code, self.message, self.hint, self.line = code, message, hint, line
        self.partial = ""
        super().__init__(message)


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


class Missing(StrictUndefined):
    """An undefined value that says what is near."""

    def _fail_with_undefined_error(self, *_args: Any, **_kwargs: Any) -> Any:
        raise undefined_fault(self._undefined_obj, str(self._undefined_name))


# Whatever is done to a missing value says the same; Jinja's own table calls its base method.
for _method in (
    *("__str__", "__iter__", "__len__", "__bool__", "__eq__", "__ne__", "__hash__"),
    *("__contains__", "__call__", "__getitem__", "__int__", "__float__", "__neg__", "__pos__"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__pow__", "__rpow__"),
    *("__truediv__", "__rtruediv__", "__floordiv__", "__rfloordiv__", "__mod__", "__rmod__"),
    *("__lt__", "__le__", "__gt__", "__ge__"),
):
    setattr(Missing, _method, Missing._fail_with_undefined_error)  # noqa: SLF001  (own class)


def undefined_fault(owner: Any, name: str) -> TemplateFault:
    """The error for a name that is not there, with the near ones."""
    if owner is missing:
        return TemplateFault("undefined-name", f"{name!r} is not defined here")
    if isinstance(owner, Speaks):
        return TemplateFault("undefined-name", owner.absent(name), listed(name, owner.names()))
    if isinstance(owner, Mapping):
        said = f"{name!r} is not defined here"
        return TemplateFault("undefined-name", said, listed(name, map(str, owner)))
    if isinstance(owner, list | tuple):
        return TemplateFault("undefined-name", *_of_list(owner, name))
    return TemplateFault("undefined-name", f"{name!r} is not defined here", _no_attributes(owner))


def listed(name: str, known: Iterable[str]) -> str:
    """A hint for a wrong name: the near one, else the first that there are."""
    known = known if isinstance(known, Mapping) else list(known)
    close = near(name, known)
    if close:
        return f"did you mean {close}?"
    first = list(islice(known, _LISTED + 1))
    more = ", ..." if len(first) > _LISTED else ""
    return f"known: {', '.join(first[:_LISTED])}{more}" if first else "nothing is declared"


def _of_list(owner: list[Any] | tuple[Any, ...], name: str) -> tuple[str, str]:
    if not name.lstrip("-").isdigit():
        return f"a list has no {name!r}", "name one of its items, as in [0], or loop over it"
    size = len(owner)
    known = f"it has {size}, [0] to [{size - 1}]" if size else "it is empty"
    return f"the list has no item {name}", known


def _no_attributes(owner: Any) -> str:
    return f"{noun(owner)} has no attributes: use a filter, as in {{{{ x|upper }}}}"


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
    if isinstance(value, Undefined):
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
