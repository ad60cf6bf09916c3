"""JSON Schema in words: the keys below a schema, what type each has, what narrows it.

Knows the vocabulary of JSON Schema; knows no pipeline and no model.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_WORDS = {
    "const": "always {}",
    "enum": "one of {}",
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "in steps of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matching `{}`",
    "format": "written as {}",
    "default": "{} if not given",
}


def walked(
    part: Mapping[str, Any], whole: Mapping[str, Any], above: str = "", seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every key below `part` as a dotted path with its schema, references followed once."""
    ref = str(part.get("$ref", ""))
    if ref and ref in seen:
        return
    part, seen = resolved(part, whole), (*seen, *([ref] if ref else []))
    for path, child in _children(part, above):
        if not path.endswith("[]"):
            yield (
                path,
                {**resolved(child, whole), **{k: v for k, v in child.items() if k != "$ref"}},
            )
        yield from walked(child, whole, path, seen)
    for branch in (*part.get("anyOf", ()), *part.get("oneOf", ())):
        yield from walked(branch, whole, above, seen)


def _children(part: Mapping[str, Any], above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    dot = f"{above}." if above else ""
    for name, child in part.get("properties", {}).items():
        if isinstance(child, dict):
            yield dot + name, child
    others = [*part.get("patternProperties", {}).values(), part.get("additionalProperties")]
    for child in others:
        if isinstance(child, dict):
            yield f"{dot}NAME", child
    if isinstance(part.get("items"), dict):
        yield f"{above}[]", part["items"]


def resolved(part: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a local `$ref` points at, or the part itself."""
    ref = str(part.get("$ref", ""))
    if not ref.startswith("#/"):
        return part
    found: Any = whole
    for step in ref[2:].split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return resolved(found, whole)


def kind(part: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """The type in words: `integer`, `string or null`, `list of string`."""
    part = resolved(part, whole)
    named = part.get("type")
    if isinstance(named, list):
        return " or ".join("map" if name == "object" else name for name in named)
    if named == "array":
        return _list(part.get("items"), whole)
    if named:
        return "map" if named == "object" else str(named)
    branches = [kind(branch, whole) for branch in (*part.get("anyOf", ()), *part.get("oneOf", ()))]
    values = [*part.get("enum", ()), *([part["const"]] if "const" in part else [])]
    return " or ".join(dict.fromkeys([*filter(None, branches), *(_TYPES[type(v)] for v in values)]))


def _list(items: object, whole: Mapping[str, Any]) -> str:
    inner = kind(items, whole) if isinstance(items, dict) else ""
    return f"list of {inner}" if inner else "list"


def limits(part: Mapping[str, Any]) -> str:
    """What narrows the type: `at least 3, at most 15, 5 if not given`."""
    said = [words.format(_shown(part[name])) for name, words in _WORDS.items() if name in part]
    return ", ".join(re.sub(r"\b(1 \w+)s$", r"\1", words) for words in said)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(f"`{_shown(inner)}`" for inner in value)
    return value if isinstance(value, str) else json.dumps(value)
