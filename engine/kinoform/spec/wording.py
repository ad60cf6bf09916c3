"""Says in words what a tree has against a schema: the rule, the value seen, what to write.

Knows the keywords of the schema, not how they are checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from kinoform.core.errors import Problem
from kinoform.spec.names import did_you_mean, near
from kinoform.spec.scalars import plain
from kinoform.spec.tree import Map, Seq, shown, where, where_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TEMPLATE_MARKS = ("{{", "{%")
# How the pattern of a field begins that takes one expression.
_EXPRESSION = r"^\s*\$\{\{"

Path: TypeAlias = "tuple[Path, str | int] | None"


class Fault(NamedTuple):
    """One keyword of one schema that a value breaks; `key` names the key where there is one."""

    keyword: str
    path: Path
    value: Any
    schema: Mapping[str, Any]
    key: str = ""


_WORDS = {
    "object": "a map",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


def dotted(path: Iterable[str | int]) -> str:
    """`steps.clip.needs[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _parts(path: Path) -> list[str | int]:
    parts: list[str | int] = []
    while path:
        path, part = path
        parts.append(part)
    return parts[::-1]


def problem(tree: Map | Seq, fault: Fault) -> Problem:
    """The located problem for a fault in this tree."""
    path = _parts(fault.path)
    code, message, hint = _WORDING[fault.keyword](fault, path)
    if fault.keyword == "additionalProperties":
        path = [*path, fault.key]
    at = where_key if fault.key else where
    return Problem(code, message, at(tree, path), hint, dotted(path))


def _wrong_type(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    wanted = fault.schema["type"]
    types = (wanted,) if isinstance(wanted, str) else tuple(dict.fromkeys(wanted))
    if isinstance(fault.value, str) and fault.value.startswith(("{{", "${{")):
        return _template(fault, path)
    names = " or ".join(_WORDS[name] for name in types)
    message = f"{shown(fault.value)} is given, {names} is wanted"
    return "wrong-type", message, _how_to_write(fault, path, types)


def _how_to_write(fault: Fault, path: list[str | int], types: tuple[str, ...]) -> str:
    value, key = fault.value, path[-1] if path else ""
    write = f"{key}: " if isinstance(key, str) else ""
    said = shown(value)[1:-1]
    if isinstance(value, list) and types == ("object",):
        return "use a map: the key is the identity, and the order stays"
    if isinstance(value, str) and types[0] in ("integer", "number") and _reads_as_number(value):
        return f"drop the quotes: `{write}{said}`"
    if isinstance(value, str) and types == ("boolean",):
        return f"write `{write}true` or `{write}false`"
    if "array" in types and not isinstance(value, dict | None):
        return f"write `{write}[{said}]`"
    if "string" in types and isinstance(value, int | float):
        return f'put it in quotes: `{write}"{said}"`'
    return _example(fault.schema, key)


def _reads_as_number(text: str) -> bool:
    try:
        return isinstance(plain(text), int | float)
    except ValueError:
        return False


def _example(schema: Mapping[str, Any], key: str | int) -> str:
    examples = schema.get("examples")
    return f"for example `{key}: {_flow(examples[0])}`" if examples else ""


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value)


def _template(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    key = dotted(path[-1:])
    message = f"`{key}` cannot be a template: {shown(fault.value)}"
    return "template-in-structure", message, "write the value out; templates stand in `with`"


def _bad_form(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    value = fault.value
    if any(mark in value for mark in TEMPLATE_MARKS):
        if not fault.schema["pattern"].startswith(_EXPRESSION):
            return _template(fault, path)
        message = f"{shown(value)} is not one expression"
        return "mixed-template", message, "put all of it between ${{ and }}"
    wanted = fault.schema.get("description", "another form").removesuffix(".")
    return "bad-form", f"{shown(value)} is not {wanted}", ""


def _missing(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    owner = f"`{dotted(path)}`" if path else "this file"
    sub = fault.schema.get("properties", {}).get(fault.key, {})
    hint = _example(sub, fault.key) or f"{fault.key}: {sub.get('description', '')}"
    return "missing-key", f"{owner} has no `{fault.key}`", hint


def _unknown(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    owner = f" in `{dotted(path)}`" if path else ""
    hint = did_you_mean(fault.key, fault.schema["properties"])
    return "unknown-key", f"the key {shown(fault.key)} is unknown{owner}", hint


def _not_legal(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    if isinstance(fault.value, str) and any(mark in fault.value for mark in TEMPLATE_MARKS):
        return _template(fault, path)
    legal = fault.schema.get("enum") or [fault.schema["const"]]
    if any(str(fault.value) == str(each) for each in legal):
        message = f"{shown(fault.value)} is given as text, a number is wanted"
        return "wrong-type", message, f"drop the quotes: `{path[-1]}: {fault.value}`"
    close = near(str(fault.value), map(str, legal))
    hint = f"did you mean `{close}`?" if close else ""
    message = f"{shown(fault.value)} is none of: {', '.join(map(str, legal))}"
    return "not-a-choice", message, hint


def _too_small(fault: Fault, _: list[str | int]) -> tuple[str, str, str]:
    above = fault.schema.get("exclusiveMinimum")
    rule = f"above {above}" if above is not None else f"of at least {fault.schema['minimum']}"
    return "too-small", f"{shown(fault.value)} is given, a number {rule} is wanted", ""


def _too_few(fault: Fault, path: list[str | int]) -> tuple[str, str, str]:
    key = path[-1] if path else ""
    return "empty", f"`{key}` is empty", _example(fault.schema, key)


_WORDING: Final[dict[str, Callable[[Fault, list[str | int]], tuple[str, str, str]]]] = {
    "type": _wrong_type,
    "additionalProperties": _unknown,
    "required": _missing,
    "pattern": _bad_form,
    "enum": _not_legal,
    "const": _not_legal,
    "minimum": _too_small,
    "exclusiveMinimum": _too_small,
    "minItems": _too_few,
    "minProperties": _too_few,
}
