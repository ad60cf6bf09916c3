"""Rules that count across fields: products, comparisons, numbered names in a text, items of a list.

A value of a wrong type or known after run breaks none; documented defaults count as given.
"""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, Any

from kinoform.spec.fields import LEAVES, MISSING, any_holds, equal, field_of, get, matches
from kinoform.spec.presence import any_true, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    Rule: TypeAlias = Mapping[str, Any]
    Seen: TypeAlias = tuple[Sequence[str], str]

_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "below": operator.lt,
    "at-most": operator.le,
    "equal": operator.eq,
    "at-least": operator.ge,
    "above": operator.gt,
}


def _number(request: Any, path: str, defaults: Mapping[str, Any]) -> float | None:
    given = get(request, path)
    value = defaults.get(path) if given is MISSING else given
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def product(rule: Rule, request: Any, _: Any, defaults: Mapping[str, Any]) -> Iterator[Seen]:
    """The numbers at `paths` multiply to at least `min` and at most `max`."""
    found = [_number(request, path, defaults) for path in rule["paths"]]
    factors = [value for value in found if value is not None]
    whole = math.prod(factors)
    if len(factors) == len(found) and not rule.get("min", 0) <= whole <= rule.get("max", math.inf):
        yield rule["paths"], f"{' x '.join(f'{value:g}' for value in factors)} is {whole:g}"


def compare(rule: Rule, request: Any, _: Any, defaults: Mapping[str, Any]) -> Iterator[Seen]:
    """The first of two numbers stands to the second as `is` says."""
    first, second = (_number(request, path, defaults) for path in rule["paths"])
    if first is None or second is None or _RELATIONS[rule["is"]](first, second):
        return
    yield rule["paths"], f"`{rule['paths'][0]}` is {first:g}, `{rule['paths'][1]}` is {second:g}"


def tokens(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """Every text at `path` names only items that the list at `counts` has, counted from 1."""
    items: Any = get(request, rule["counts"])
    if items is MISSING:
        items = []
    if not isinstance(items, list):
        return
    count = len(items)
    before, after = map(re.escape, rule["token"].split("{n}"))
    named = re.compile(f"{before}([0-9]{{1,9}}){after}")
    for at, text in matches(request, rule["path"]):
        numbers = dict.fromkeys(named.findall(text)) if isinstance(text, str) else {}
        absent = [number for number in numbers if not 1 <= int(number) <= count]
        if absent:
            words = ", ".join(rule["token"].replace("{n}", number) for number in absent)
            said = f"{words}, but `{rule['counts']}` has {count or 'none'}"
            yield [".".join(map(str, at)), rule["counts"]], said


def contains_unless(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    """One item of the list has one of `values` in `field`, unless a condition holds."""
    items = get(request, rule["path"])
    needed = isinstance(items, list) and any_holds(rule["unless"], request) is False
    if needed and not any(_has(rule, item) for item in items):
        yield [rule["path"], *map(field_of, rule["unless"])], ""


def _has(rule: Rule, item: Any) -> bool:
    value = item.get(rule["field"], MISSING) if isinstance(item, dict) else MISSING
    return isinstance(value, LEAVES) or any(equal(value, each) for each in rule["values"])


def _contains_unless_schema(rule: Rule, _: Any) -> dict[str, Any]:
    field = {rule["field"]: {"enum": rule["values"]}}
    wanted = {"type": "object", "required": [rule["field"]], "properties": field}
    return {"anyOf": [any_true(rule["unless"]), inside(rule["path"], {"contains": wanted})]}


KINDS: dict[str, Callable[..., Iterator[Seen]]] = {
    "compare": compare,
    "contains-unless": contains_unless,
    "product": product,
    "tokens": tokens,
}
CODES: dict[str, str] = {
    "compare": "out-of-order",
    "contains-unless": "item-needed",
    "product": "product-out-of-range",
    "tokens": "no-such-item",
}
SCHEMAS: dict[str, Callable[[Rule, Any], dict[str, Any]]] = {
    "contains-unless": _contains_unless_schema,
}
