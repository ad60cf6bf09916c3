"""Documents held against the tables that describe them: what is there, what is missing, which types."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from kinoform.cli.show import PROBLEM
from kinoform.views.fields import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kinoform.views.fields import Fields


def faults(fields: Fields, document: Any) -> list[str]:
    """Where a document differs from its description: unknown or missing fields, other types."""
    found = []
    for path, value in walked(fields, document):
        if isinstance(value, dict) and below(fields, path):
            found += [f"{name} is missing" for name in due(fields, path, value)]
        if path and not path.endswith("[]"):
            found += fault(fields, path, value)
    return found


def seen(fields: Fields, document: Any) -> set[str]:
    """The described fields that a document has, as the table spells them."""
    return {known for path, _ in walked(fields, document) if (known := row(fields, path))}


def walked(fields: Fields, value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path, as deep as the description goes."""
    yield path, value
    if isinstance(value, dict) and below(fields, path):
        for name, inner in value.items():
            yield from walked(fields, inner, place(fields, path, name))
    if isinstance(value, list) and below(fields, f"{path}[]"):
        for inner in value:
            yield from walked(fields, inner, f"{path}[]")


def below(fields: Fields, path: str) -> bool:
    """Whether the description goes on below a path."""
    return not path or any(name.startswith(f"{path}.") for name in fields)


def place(fields: Fields, path: str, name: str) -> str:
    """The path of a field; that of any NAME where it is not named itself."""
    own, any_name = f"{path}.{name}".lstrip("."), f"{path}.NAME".lstrip(".")
    return any_name if any_name in fields and not row(fields, own) else own


def row(fields: Fields, path: str) -> str:
    """The path as the table spells it; empty for none."""
    return next((each for each in (path, f"{path}?") if each in fields), "")


def due(fields: Fields, path: str, value: Mapping[str, Any]) -> list[str]:
    """Fields that should stand in this map and do not."""
    start = f"{path}." if path else ""
    own = [name for name in fields if name.startswith(start) and "." not in name[len(start) :]]
    needed = [name for name in own if not name.endswith(("?", "NAME", "[]"))]
    return [name for name in needed if name[len(start) :] not in value]


def fault(fields: Fields, path: str, value: Any) -> list[str]:
    """What is wrong with one value."""
    known = row(fields, path)
    if not known:
        return [f"{path} is not described"]
    kind, _ = split(fields[known])
    return [] if fits(kind, value) else [f"{path} is no {kind}: {value!r}"]


def fits(kind: str, value: Any) -> bool:
    """Whether a value has a type, as the tables write it."""
    if " or " in kind:
        return any(fits(each, value) for each in kind.split(" or "))
    if kind.startswith("list of "):
        return isinstance(value, list) and all(fits(kind[8:], each) for each in value)
    return TYPES[kind](value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _money(value: Any) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _number(value) and isinstance(value, int),
    "number": _number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "money": _money,
    "map": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "problem": lambda value: not faults(PROBLEM, value),
    "any": lambda _value: True,
}
