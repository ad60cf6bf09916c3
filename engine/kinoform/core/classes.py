"""`dataclass` as the standard library has it, each method made when it is first called.

That decorator writes and compiles up to six functions for a class, and a command loads a hundred
classes: a third of the time of a short plan. Most of them are never compared, printed or made. Here
fields and slots are made at once, and a method by its first call.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Maker: TypeAlias = "Callable[[type[Any]], Any]"

__all__ = ["dataclass"]


def _dataclass(*, slots: bool, frozen: bool = False, eq: bool = True) -> Any:
    """Takes what this project uses: slots, what a class defines itself, and no `__post_init__`."""

    def decorate(cls: type) -> Any:
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        for name in _MAKERS if eq else ("__init__", "__repr__"):
            if vars(cls).get(name) is None:  # a class with an __eq__ has None for its hash
                setattr(made, name, _late(made, name))
        if frozen:
            for name, method in _FROZEN.items():
                setattr(made, name, method)
        elif eq:
            made.__hash__ = None
        return made

    return decorate


def _late(made: type, name: str) -> Any:
    """What stands for a method until it is called: it makes the real one, and calls that."""

    def method(self: Any, *args: Any, **named: Any) -> Any:
        real = _MAKERS[name](made)
        setattr(made, name, real)
        return real(self, *args, **named)

    return method


def _init(made: type) -> Any:
    """`__init__`: sets the slots themselves where the class is frozen and refuses to be set."""
    is_loose = "__setattr__" not in vars(made)
    scope: dict[str, Any] = {"__missing": MISSING}
    takes, does = ["self"], ["pass"]
    for field in dataclasses.fields(made):
        name, value, default = field.name, field.name, field.default
        if field.default_factory is not MISSING:
            scope[f"__make_{name}"] = field.default_factory
            value = f"__make_{name}() if {name} is __missing else {name}"
        scope[f"__set_{name}"], scope[f"__or_{name}"] = vars(made)[name].__set__, default
        given = default is MISSING and field.default_factory is MISSING
        takes.append(name if given else f"{name}=__or_{name}")
        does.append(f"self.{name} = {value}" if is_loose else f"__set_{name}(self, {value})")
    text = f"def __init__({', '.join(takes)}):\n " + "\n ".join(does)
    exec(text, scope)  # noqa: S102  (names of fields that stand in our own source, nothing else)
    return scope["__init__"]


def _eq(made: type) -> Any:
    """`__eq__`: objects of the very same class are compared by their fields."""
    same = f"({_told(made, 'self')}) == ({_told(made, 'other')})"
    text = f"lambda self, other: {same} if other.__class__ is self.__class__ else NotImplemented"
    return eval(text)  # noqa: S307  (names of fields that stand in our own source, nothing else)


def _hash(made: type) -> Any:
    """`__hash__`: that of what is compared."""
    return eval(f"lambda self: hash(({_told(made, 'self')}))")  # noqa: S307  (names of fields that stand in our own source, nothing else)


def _told(made: type, name: str) -> str:
    """What is compared of an object, as the inside of a tuple."""
    return "".join(f"{name}.{field.name}, " for field in dataclasses.fields(made) if field.compare)


def _repr(made: type) -> Any:
    """`__repr__`, lent by a twin of the class that the standard library makes."""
    fields = [(field.name, field.type, field) for field in dataclasses.fields(made)]
    return vars(dataclasses.make_dataclass(made.__name__, fields))["__repr__"]


def _refuse(self: Any, name: str, *_value: Any) -> NoReturn:
    """`__setattr__` and `__delattr__` of what is frozen."""
    raise FrozenInstanceError(f"cannot change the field {name!r} of {type(self).__name__}")


def _reduced(self: Any) -> tuple[type, tuple[Any, ...]]:
    """`__reduce__`: to be copied and sent by its fields, as it cannot be filled afterwards."""
    return type(self), tuple([getattr(self, name) for name in self.__match_args__])


_FROZEN: Final = {"__setattr__": _refuse, "__delattr__": _refuse, "__reduce__": _reduced}
_MAKERS: Final[Mapping[str, Maker]] = {
    "__init__": _init,
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
