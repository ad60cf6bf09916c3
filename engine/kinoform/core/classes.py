"""`dataclass` as the standard library has it, each part made when it is first needed.

That decorator reads each annotation three times, and writes and compiles up to six functions for a
class; a command loads a hundred classes, which was a third of the time of a short plan. Most of them
are never compared, printed or made, and of many there are few objects. Here slots are made at once, a
method by its first call, and a constructor is compiled for a class of which there are many objects.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Maker: TypeAlias = "Callable[[type[Any]], Any]"

__all__ = ["dataclass"]

_FIELDS: Final = "__dataclass_fields__"  # where the standard library looks for them
_MANY: Final = 32  # as many objects are made in the time that compiling a constructor takes


def _dataclass(*, slots: bool, frozen: bool = False, eq: bool = True) -> Any:
    """Takes what this project uses: slots, what a class defines itself, and no `__post_init__`."""
    if not slots:
        raise TypeError("classes without slots are left to the standard library")

    def decorate(cls: type) -> Any:
        made: Any = _slotted(cls)
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


def _slotted(cls: type) -> type:
    """The class once more, with a slot for each field."""
    names = tuple(cls.__annotations__)
    own = {name: value for name, value in vars(cls).items() if name not in names}
    del own["__dict__"], own["__weakref__"]
    more = {"__qualname__": cls.__qualname__, "__slots__": names, "__match_args__": names}
    return type(cls.__name__, cls.__bases__, own | more | {_FIELDS: _Fields(cls)})


class _Fields:
    """What a class says of its fields; the standard library reads it when somebody asks that."""

    def __init__(self, written: type) -> None:
        own = vars(written)
        self.defaults = {name: own[name] for name in written.__annotations__ if name in own}
        self._written = written

    def __get__(self, _made: object, _kind: type) -> Mapping[str, Field[Any]]:
        return self._read

    @cached_property
    def _read(self) -> Mapping[str, Field[Any]]:
        twin: type = dataclasses.dataclass(init=False, repr=False, eq=False)(self._written)
        found: Mapping[str, Field[Any]] = vars(twin)[_FIELDS]
        return found


def _late(made: type, name: str) -> Any:
    """What stands for a method until it is called: it makes the real one, and calls that."""

    def method(self: Any, *args: Any, **named: Any) -> Any:
        real = _MAKERS[name](made)
        setattr(made, name, real)
        return real(self, *args, **named)

    return method


def _defaults(made: type) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """By name: values, and functions that make one for each object."""
    values, makers = dict(vars(made)[_FIELDS].defaults), {}
    for name, value in vars(made)[_FIELDS].defaults.items():
        if isinstance(value, Field):
            del values[name]
            if value.default is not MISSING:
                values[name] = value.default
            elif value.default_factory is not MISSING:
                makers[name] = value.default_factory
    return values, makers


def _first_init(made: type[Any]) -> Any:
    """`__init__` for the first objects. It is compiled for more, and for words to refuse in."""
    setters = {name: vars(made)[name].__set__ for name in made.__match_args__}
    names, (values, makers), left = tuple(setters), _defaults(made), iter(range(_MANY, 0, -1))

    def init(self: Any, *given: Any, **named: Any) -> None:
        found = values | dict(zip(names, given, strict=False)) | named
        for name in makers.keys() - found:
            found[name] = makers[name]()
        twice = named.keys() & names[: len(given)]
        if found.keys() != setters.keys() or len(given) > len(names) or twice or not next(left, 0):
            made.__init__ = _init(made)
            made.__init__(self, *given, **named)
            return
        for name, put in setters.items():
            put(self, found[name])

    return init


def _init(made: type[Any]) -> Any:
    """`__init__`: sets the slots themselves where the class is frozen and refuses to be set."""
    is_loose = "__setattr__" not in vars(made)
    values, makers = _defaults(made)
    scope: dict[str, Any] = {"__missing": MISSING}
    takes, does = ["self"], ["pass"]
    for name in made.__match_args__:
        value, default = name, values.get(name, MISSING)
        if name in makers:
            scope[f"__make_{name}"] = makers[name]
            value = f"__make_{name}() if {name} is __missing else {name}"
        scope[f"__set_{name}"], scope[f"__or_{name}"] = vars(made)[name].__set__, default
        given = name not in values and name not in makers
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


def _told(made: type[Any], name: str) -> str:
    """What is compared of an object, as the inside of a tuple."""
    said = vars(made)[_FIELDS].defaults
    return "".join(
        f"{name}.{each}, "
        for each in made.__match_args__
        if getattr(said.get(each), "compare", True)
    )


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
    "__init__": _first_init,
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
