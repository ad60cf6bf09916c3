"""Jinja's undefined values in our words: what is not there, and what is near it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined
from jinja2.utils import missing

from kinoform.spec.speech import Nothing, Speaks, TemplateFault, listed, noun


class Missing(StrictUndefined, Nothing):
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


def _of_list(owner: list[Any] | tuple[Any, ...], name: str) -> tuple[str, str]:
    if not name.lstrip("-").isdigit():
        return f"a list has no {name!r}", "name one of its items, as in [0], or loop over it"
    size = len(owner)
    known = f"it has {size}, [0] to [{size - 1}]" if size else "it is empty"
    return f"the list has no item {name}", known


def _no_attributes(owner: Any) -> str:
    return f"{noun(owner)} has no attributes: use a filter, as in {{{{ x|upper }}}}"
