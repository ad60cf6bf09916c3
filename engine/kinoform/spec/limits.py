"""Rules that narrow one field beside another: its values, its range, its length, by size.

A field that is not given keeps to every limit. Each kind is evaluated, and written as JSON Schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec.fields import LEAVES, MISSING, any_holds, equal, get, shown
from kinoform.spec.presence import any_true, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    Rule: TypeAlias = Mapping[str, Any]
    Seen: TypeAlias = tuple[Sequence[str], str]


def applies(rule: Rule, request: Any) -> bool:
    """Whether the rule's condition holds, or it has none; not while that is known after run."""
    return "when" not in rule or any_holds(rule["when"], request) is True


def among(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """The value is one of `in`."""
    value = get(request, rule["path"])
    if applies(rule, request) and not _one_of(value, rule["in"]):
        yield [rule["path"]], f"`{rule['path']}` is {shown(value)}, not {_listed(rule['in'])}"


def _one_of(value: Any, allowed: Sequence[Any]) -> bool:
    free = value is MISSING or isinstance(value, LEAVES)
    return free or any(equal(value, each) for each in allowed)


def _listed(values: Sequence[Any]) -> str:
    return " or ".join(shown(value) for value in values)


def between(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """The number is not below `min` nor above `max`."""
    value = get(request, rule["path"])
    if not isinstance(value, int | float) or isinstance(value, bool) or not applies(rule, request):
        return
    if value < rule.get("min", value) or value > rule.get("max", value):
        yield [rule["path"]], f"`{rule['path']}` is {shown(value)}"


def at_least(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """The list has `min` items."""
    items = get(request, rule["path"])
    if isinstance(items, list) and len(items) < rule["min"] and applies(rule, request):
        yield [rule["path"]], f"{len(items)} are given"


def at_most(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """The list has `max` items."""
    items = get(request, rule["path"])
    if isinstance(items, list) and len(items) > rule["max"] and applies(rule, request):
        yield [rule["path"]], f"{len(items)} are given"


def by_size(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """The value is one of those that the row of this width and height lists."""
    sides = [get(request, path) for path in rule["paths"]]
    if not all(isinstance(side, int | float) for side in sides):
        return
    row = next((r for r in rule["rows"] if [r["width"], r["height"]] == sides), None)
    allowed = row["in"] if row else rule.get("other")
    value = get(request, rule["path"])
    if allowed is not None and not _one_of(value, allowed):
        said = f"at {shown(sides[0])}x{shown(sides[1])} `{rule['path']}` is {_listed(allowed)}"
        yield [rule["path"], *rule["paths"]], f"{said}, not {shown(value)}"


def _if(rule: Rule, then: dict[str, Any]) -> dict[str, Any]:
    return {"if": any_true(rule["when"]), "then": then} if "when" in rule else then


def _narrowed(rule: Rule, names: Mapping[str, str]) -> dict[str, Any]:
    """The limits of the rule under their names in JSON Schema."""
    limits = {word: rule[key] for key, word in names.items() if key in rule}
    return _if(rule, inside(rule["path"], limits))


def _by_size_schema(rule: Rule, _: Any) -> dict[str, Any]:
    width, height = rule["paths"]
    pairs = [{width: {"const": r["width"]}, height: {"const": r["height"]}} for r in rule["rows"]]
    given = {"required": [width, height]}
    found: list[dict[str, Any]] = [
        {
            "if": {**given, "properties": pair},
            "then": inside(rule["path"], {"enum": row["in"]}),
        }
        for pair, row in zip(pairs, rule["rows"], strict=True)
    ]
    if "other" in rule:
        listed = {"anyOf": [{"properties": pair} for pair in pairs]}
        other = inside(rule["path"], {"enum": rule["other"]})
        found.append({"if": {**given, "not": listed}, "then": other})
    return {"allOf": found}


KINDS: dict[str, Callable[..., Iterator[Seen]]] = {
    "among": among,
    "at-least": at_least,
    "at-most": at_most,
    "between": between,
    "by-size": by_size,
}
CODES: dict[str, str] = {
    "among": "not-one-of",
    "at-least": "too-few",
    "at-most": "too-many",
    "between": "out-of-range",
    "by-size": "not-one-of",
}
SCHEMAS: dict[str, Callable[[Rule, Any], dict[str, Any]]] = {
    "among": lambda rule, _: _narrowed(rule, {"in": "enum"}),
    "at-least": lambda rule, _: _narrowed(rule, {"min": "minItems"}),
    "at-most": lambda rule, _: _narrowed(rule, {"max": "maxItems"}),
    "between": lambda rule, _: _narrowed(rule, {"min": "minimum", "max": "maximum"}),
    "by-size": _by_size_schema,
}
