"""Conditions of a model file as JSON Schema: that a field is given, or has one of some values.

Knows paths and conditions; knows no rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec.fields import field_of, parts

if TYPE_CHECKING:
    from collections.abc import Sequence


def inside(path: str, schema: Any) -> dict[str, Any]:
    """The schema for the value at a path, wherever there is one."""
    for step in reversed(parts(path)):
        schema = {"properties": {step: schema}}
    return dict(schema)


def true(condition: Any) -> dict[str, Any]:
    """Each parent is required too: an absent parent would pass vacuously."""
    if isinstance(condition, str):
        schema: Any = True
    else:
        schema = {"enum": condition["in"]} if "in" in condition else {"const": condition["is"]}
    for step in reversed(parts(field_of(condition))):
        schema = {"required": [step], **({} if schema is True else {"properties": {step: schema}})}
    return dict(schema)


def any_true(conditions: Sequence[Any]) -> dict[str, Any]:
    """At least one of them holds."""
    schemas = [true(condition) for condition in conditions]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
