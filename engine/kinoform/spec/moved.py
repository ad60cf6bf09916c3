"""What moved between two model files: parameters, limits, values, rules, sizes, prices.

Compares plain documents by meaning: the order of rows, wording of parameters and the source with
its day do not count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinoform.spec.pages.assembly import fields_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Doc = Mapping[str, Any]

_TOLD = ("description", "properties", "items", "required", "additionalProperties", "title")
_LIMITS = frozenset(
    [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "multipleOf",
    ]
)
_VALUES = ("enum", "const")
_PARTS = ("portable", "brief", "classes", "media", "outputs")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One thing that moved; `old` or `new` is empty where it was added or removed."""

    kind: str
    path: str
    old: str = ""
    new: str = ""


def changes(old: Doc, new: Doc) -> list[Change]:
    """Everything that moved, in the order of a model file."""
    found = [*_parameters(old["request"], new["request"]), *_rules(old, new)]
    found += [*_sizes(old, new), *_prices(old, new)]
    for part in _PARTS:
        found += _pairs(part, _flat(old.get(part, {})), _flat(new.get(part, {})))
    return found


def _pairs(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for path in dict.fromkeys([*old, *new]):
        before, after = old.get(path, ""), new.get(path, "")
        if before != after:
            yield Change(kind, path, before, after)


def _flat(part: Doc) -> dict[str, str]:
    return {str(name): _text(value) for name, value in part.items()}


def _text(value: Any) -> str:
    """Members in the order of their names, so that their order in the file does not count."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _parameters(old: Doc, new: Doc) -> Iterator[Change]:
    before, after = dict(fields_in(old)), dict(fields_in(new))
    for path in dict.fromkeys([*before, *after]):
        if path not in after:
            yield Change("parameter", path, _kind(before[path]))
        elif path not in before:
            yield Change("parameter", path, "", _kind(after[path]))
        else:
            yield from _limits(path, before[path], after[path])
    yield from _needed(old, new)


def _kind(schema: Doc) -> str:
    return _text(schema.get("type", "any"))


def _limits(path: str, old: Doc, new: Doc) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        if key in _TOLD or old.get(key) == new.get(key):
            continue
        if key in _VALUES:
            yield Change("value", path, *_values(key, old, new))
            continue
        kind = "limit" if key in _LIMITS else key
        yield Change(kind, f"{path} {key}" if kind == "limit" else path, *_both(key, old, new))


def _both(key: str, old: Doc, new: Doc) -> tuple[str, str]:
    before, after = (_text(each[key]) if key in each else "" for each in (old, new))
    return before, after


def _values(key: str, old: Doc, new: Doc) -> tuple[str, str]:
    """The values that went and those that came; all where one side listed none."""
    lists = [each.get(key, []) if key == "enum" else [each.get(key)] for each in (old, new)]
    gone, come = ([v for v in a if v not in b] for a, b in (lists, lists[::-1]))
    return " ".join(map(_text, gone)), " ".join(map(_text, come))


def _needed(old: Doc, new: Doc) -> Iterator[Change]:
    before, after = set(_required(old, "")), set(_required(new, ""))
    for path in sorted(before ^ after):
        words = ("required", "optional")
        yield Change("required", path, *(words if path in before else words[::-1]))


def _required(schema: Doc, at: str) -> Iterator[str]:
    yield from (f"{at}{name}" for name in schema.get("required", ()))
    for name, each in schema.get("properties", {}).items():
        yield from _required(each, f"{at}{name}.")
        if isinstance(each.get("items"), dict):
            yield from _required(each["items"], f"{at}{name}[*].")


def _rules(old: Doc, new: Doc) -> Iterator[Change]:
    """By id, then by what they say."""
    before, after = ({rule["id"]: rule for rule in each["rules"]} for each in (old, new))
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change("rule", name, _said(before.get(name)), _said(after.get(name)))


def _said(rule: Doc | None) -> str:
    """The whole rule, as two rules may use the same words."""
    return "" if rule is None else _text({k: v for k, v in rule.items() if k not in ("id", "hint")})


def _sizes(old: Doc, new: Doc) -> Iterator[Change]:
    before, after = (_named(each.get("sizes", ())) for each in (old, new))
    return _pairs("size", before, after)


def _named(rows: Any) -> dict[str, str]:
    """Sizes by label; sizes of one label are told together."""
    found: dict[str, str] = {}
    for row in rows:
        label = f"{row['tier']} {row['ratio']}"
        pixels = f"{row['width']}x{row['height']}" if "width" in row else "known after run"
        found[label] = f"{found[label]}, {pixels}" if label in found else pixels
    return found


def _prices(old: Doc, new: Doc) -> Iterator[Change]:
    units = [str(each["price"]["per"]) for each in (old, new)]
    if units[0] != units[1]:
        yield Change("price", "per", units[0], units[1])
    yield from _pairs("price", _amounts(old), _amounts(new))


def _amounts(model: Doc) -> dict[str, str]:
    """Amounts by their conditions in words."""
    found: dict[str, str] = {}
    for row in model["price"]["rows"]:
        found.setdefault(_when(row), str(row["usd"]))
    return found


def _when(row: Doc) -> str:
    """`4K`, `resolution is 4k`, `not inputs.video`; `else` for a row without conditions."""
    parts = [" or ".join(row["tier"])] if "tier" in row else []
    parts += [" or ".join(map(_condition, row["when"]))] if "when" in row else []
    parts += map(_condition, row.get("all", ()))
    parts += [f"no {_condition(each)}" for each in row.get("none", ())]
    return ", ".join(parts) or "else"


def _condition(each: Any) -> str:
    if isinstance(each, str):
        return each
    values = each["in"] if "in" in each else [each["is"]]
    return f"{each['path']} is {' or '.join(map(_text, values))}"
