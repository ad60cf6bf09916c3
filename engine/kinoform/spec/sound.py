"""Whether a schema has nothing against a value, told at sight and without the schema library.

Knows the words that model files use and no others; where it is not sure it says so, and the library
judges, which costs ten times as much and has to be loaded first. It finds no faults: who needs to
know what is wrong asks the library too. Tests hold both equal.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from kinoform.spec.fields import LEAVES, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Right: TypeAlias = Callable[[Any, Any], bool]  # of a schema and a value
    Rule: TypeAlias = Callable[[Any, Any, Mapping[str, Any], Right], bool]

_MARKS = frozenset(
    ("$schema", "title", "description", "default", "examples", "x-rule", "then", "else")
)
_SCALAR = (str, int, float, bool, type(None))


class Unsure(Exception):  # noqa: N818  (not a fault: the library will tell)
    """A word, or a value, that is not ours to judge."""


def sound(schema: Mapping[str, Any], value: Any) -> bool:
    """True where nothing is wrong for certain. Media and late values are right wherever they are."""
    try:
        return _asserted(schema, value)
    except Unsure:
        return False


def _asserted(schema: Any, value: Any) -> bool:
    return isinstance(value, LEAVES) or _holds(schema, value, _asserted)


def _tested(schema: Any, value: Any) -> bool:
    """Where a condition hangs on it: a leaf is not told at sight."""
    if isinstance(value, LEAVES):
        raise Unsure
    return _holds(schema, value, _tested)


def _holds(schema: Any, value: Any, right: Right) -> bool:
    if isinstance(schema, bool):
        return schema
    words = [word for word in schema if word not in _MARKS]
    if not _RULES.keys() >= {*words}:
        raise Unsure
    return all(_RULES[word](schema[word], value, schema, right) for word in words)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> bool:
    return _number(value) and (isinstance(value, int) or value.is_integer())


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _whole,
    "number": _number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def _type(limit: Any, value: Any) -> bool:
    names = [limit] if isinstance(limit, str) else limit
    return any(_TYPES[name](value) for name in names)


def _same(limit: Any, value: Any) -> bool:
    if isinstance(limit, _SCALAR) and isinstance(value, _SCALAR):
        return equal(limit, value)
    if isinstance(limit, _SCALAR) or isinstance(value, _SCALAR):
        return False
    raise Unsure


def _multiple(limit: Any, value: Any) -> bool:
    if not _number(value):
        return True
    if isinstance(limit, int) and isinstance(value, int):
        return value % limit == 0
    raise Unsure


def _plain(holds: Callable[[Any, Any], bool], kind: Callable[[Any], bool] | None = None) -> Rule:
    """A rule that looks at the value alone, and only at values of its kind."""
    return lambda limit, value, _schema, _right: (
        holds(limit, value) if kind is None or kind(value) else True
    )


def _properties(limit: Any, value: Any, _schema: Mapping[str, Any], right: Right) -> bool:
    if not isinstance(value, dict):
        return True
    return all(right(limit[k], v) for k, v in value.items() if k in limit)


def _additional(limit: Any, value: Any, schema: Mapping[str, Any], _right: Right) -> bool:
    if limit is True or not isinstance(value, dict):
        return True
    if limit is not False or "patternProperties" in schema:
        raise Unsure
    return all(name in schema.get("properties", {}) for name in value)


def _items(limit: Any, value: Any, schema: Mapping[str, Any], right: Right) -> bool:
    if "prefixItems" in schema:
        raise Unsure
    if limit is False:  # what is wrong is the list: it has no items, not even late ones
        return not _list(value) or not value
    return not _list(value) or all(right(limit, v) for v in value)


def _all(limit: Any, value: Any, _schema: Mapping[str, Any], right: Right) -> bool:
    return all(right(each, value) for each in limit)


def _any(limit: Any, value: Any, _schema: Mapping[str, Any], _right: Right) -> bool:
    return any(_tested(each, value) for each in limit)


def _one(limit: Any, value: Any, _schema: Mapping[str, Any], _right: Right) -> bool:
    return sum(_tested(each, value) for each in limit) == 1


def _not(limit: Any, value: Any, _schema: Mapping[str, Any], _right: Right) -> bool:
    return not _tested(limit, value)


def _if(limit: Any, value: Any, schema: Mapping[str, Any], right: Right) -> bool:
    branch = "then" if _tested(limit, value) else "else"
    return right(schema.get(branch, True), value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _list(value: Any) -> bool:
    return isinstance(value, list)


_RULES: dict[str, Rule] = {
    "type": _plain(_type),
    "const": _plain(_same),
    "enum": _plain(lambda limit, value: any(_same(each, value) for each in limit)),
    "minimum": _plain(lambda limit, value: value >= limit, _number),
    "maximum": _plain(lambda limit, value: value <= limit, _number),
    "exclusiveMinimum": _plain(lambda limit, value: value > limit, _number),
    "exclusiveMaximum": _plain(lambda limit, value: value < limit, _number),
    "multipleOf": _plain(_multiple),
    "minLength": _plain(lambda limit, value: len(value) >= limit, _text),
    "maxLength": _plain(lambda limit, value: len(value) <= limit, _text),
    "pattern": _plain(lambda limit, value: re.search(limit, value) is not None, _text),
    "minItems": _plain(lambda limit, value: len(value) >= limit, _list),
    "maxItems": _plain(lambda limit, value: len(value) <= limit, _list),
    "required": _plain(
        lambda limit, value: value.keys() >= {*limit}, lambda x: isinstance(x, dict)
    ),
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "not": _not,
    "if": _if,
}
