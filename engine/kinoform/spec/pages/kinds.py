"""Types, values and limits as pages print them, and the JSON Schema that they mean.

Knows the words of a parameter's row; knows no page.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Schema = dict[str, Any]

TYPES = {
    "string": "string", "text": "string", "integer": "integer", "int": "integer",
    "float": "number", "number": "number", "boolean": "boolean", "bool": "boolean",
    "object": "object", "array": "array",
}  # fmt: skip
FORMATS = {"uuid v4": "uuid4", "uri": "uri", "url": "uri"}
_ARRAY = re.compile(r"array of (\w+?)s?$")
_COUNTED = re.compile(r"\s*\(\d+ propert(?:y|ies)\)$")
_WHOLE = re.compile(r"-?\d+")
_SIDES = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}


def schema_of(text: str) -> Schema | None:
    """The schema of a printed type; None for words that are none."""
    text = _COUNTED.sub("", text.strip().lower())
    if array := _ARRAY.match(text):
        inner = schema_of(array[1])
        return inner and {"type": "array", "items": {**inner, "description": "One item."}}
    words = [TYPES.get(word) for word in re.split(r"\s*(?:\||,|\bor\b)\s*", text)]
    names = [word for word in words if word]
    if not names or len(names) < len(words):
        return None
    return {"type": names[0] if len(names) == 1 else names}


def types_in(schema: Mapping[str, Any]) -> list[str]:
    """The names of its types; none where the page does not say."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def cast(text: str, schema: Mapping[str, Any]) -> Any:
    """A printed value as the type of its field. Raises ValueError."""
    names = types_in(schema)
    if "boolean" in names and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "integer" in names and _WHOLE.fullmatch(text):
        return int(text)
    if "number" in names and text.replace(".", "", 1).lstrip("-").isdigit():
        return float(text) if "." in text else int(text)
    if "array" in names and text in ("[]", ""):
        return []
    if not names or "string" in names:
        return text.strip('"')
    raise ValueError(f"{text} is no {' or '.join(names)}")


def count(text: str) -> int:
    """A printed number of items or characters. Raises ValueError."""
    if not text.isdecimal():
        raise ValueError(f"{text} is no count")
    return int(text)


def number(text: str) -> int | float:
    """A printed limit. Raises ValueError."""
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def limit(schema: Schema, key: str, text: str) -> None:
    """Add `Min` or `Max`: of a number its value, of a text its length. Raises ValueError."""
    names = types_in(schema)
    for name in names:
        if name in _SIDES and not {"integer", "number"} & set(names):
            schema[_SIDES[name][key == "Max"]] = count(text)
            return
    if not {"integer", "number"} & set(names):
        raise ValueError(f"{key} of {' or '.join(names) or 'an unknown type'}")
    schema["maximum" if key == "Max" else "minimum"] = number(text)


def step(schema: Schema, text: str) -> None:
    """Add `Step`. Raises ValueError where it does not count from zero."""
    if Decimal(text) <= 0:
        raise ValueError("a step is above 0")
    start = schema.get("minimum", 0)
    if Decimal(str(start)) % Decimal(text):
        raise ValueError(f"steps of {text} from {start} on")
    schema["multipleOf"] = number(text)


def listed(schema: Schema, values: Sequence[str]) -> Schema:
    """The schema with its allowed values; an `object` with values has the types of these values.

    A list takes the values for its items. Numbers beside a listed word keep their own range.
    """
    names = types_in(schema)
    if names == ["array"]:
        inner = listed(schema.get("items", {"type": "string"}), values)
        return {**schema, "items": {"description": "One item.", **inner}}
    if names == ["object"]:
        schema = {**schema, "type": _printed(values)}
    if {"integer", "number"} & set(names) and not all(_is_number(value) for value in values):
        kept = {"type": list(dict.fromkeys([*names, "string"]))}
        words = [value for value in values if not _is_number(value)]
        return {**schema, **kept, "if": {"type": "string"}, "then": {"enum": words}}
    return {**schema, "enum": [cast(value, schema) for value in values]}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()


def _printed(values: Sequence[str]) -> str | list[str]:
    names = ["integer" if _WHOLE.fullmatch(value) else "string" for value in values]
    found = sorted(set(names), reverse=True)
    return found[0] if len(found) == 1 else found
