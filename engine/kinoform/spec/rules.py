"""Rules of a model file: a closed vocabulary of kinds, evaluated, and written as JSON Schema.

A rule that a schema can hold stands in the request schema as well (`as_schema`), so that a foreign
validator agrees; here it is judged by name, because a sentence explains and a `oneOf` does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec import limits, sizes, tallies
from kinoform.spec.fields import (
    LEAVES,
    MISSING,
    Finding,
    any_holds,
    equal,
    field_of,
    get,
    holds,
    matches,
    parts,
    ticked,
)
from kinoform.spec.presence import any_true, inside, true

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    Rule: TypeAlias = Mapping[str, Any]
    # (paths that take part, what was seen)
    Seen: TypeAlias = tuple[Sequence[str], str]


_ROUNDING = 1e-9  # so that 0.1 + 0.2 adds up to 0.3


def check(
    rules: Sequence[Rule],
    request: Any,
    table: Sequence[sizes.Row] = (),
    defaults: Mapping[str, Any] | None = None,
) -> Iterator[Finding]:
    """Every broken rule. Fields of a wrong type or known after run break none."""
    for rule in rules:
        for prefix, scope in _scopes(rule, request):
            for paths, seen in _KINDS[rule["rule"]](rule, scope, table, defaults or {}):
                yield _finding(rule, [f"{prefix}{path}" for path in paths], seen)


def _scopes(rule: Rule, request: Any) -> list[tuple[str, Any]]:
    if "each" not in rule:
        return [("", request)]
    items = matches(request, f"{rule['each']}[*]")
    return [(".".join(map(str, at)) + ".", item) for at, item in items]


def _finding(rule: Rule, paths: Sequence[str], seen: str) -> Finding:
    code, says = CODES[rule["rule"]], rule.get("says", "")
    message = "; ".join(text for text in (says, seen) if text)
    return Finding(
        code, rule["severity"], ", ".join(paths), message, rule.get("hint", ""), rule["id"], seen
    )


def _together(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    given = [path for path in rule["paths"] if get(request, path) is not MISSING]
    if given and len(given) < len(rule["paths"]):
        absent = [path for path in rule["paths"] if path not in given]
        yield rule["paths"], f"{ticked(given)} is given, {ticked(absent)} is not"


def _given(rule: Rule, request: Any) -> list[list[str]]:
    """For each alternative that is given, the paths that give it."""
    found = ([p for p in group if get(request, p) is not MISSING] for group in rule["of"])
    return [group for group in found if group]


def _at_least_one(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    if not _given(rule, request):
        yield [path for group in rule["of"] for path in group], "none is given"


def _exactly_one(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    given = _given(rule, request)
    if not given:
        yield [path for group in rule["of"] for path in group], "none is given"
    if len(given) > 1:
        paths = [path for group in given for path in group]
        yield paths, f"{ticked(paths)} are given"


def _excludes(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    when = [field_of(c) for c in rule["when"] if holds(c, request)]
    for path in (field_of(c) for c in rule["forbids"] if holds(c, request)):
        if when:
            both = [*when, path]
            yield both, "" if _plain(rule, "forbids") else f"{ticked(both)} are given"


def _plain(rule: Rule, then: str) -> bool:
    """Whether the rule's own sentence names all that can take part, so that nothing is left to say."""
    return "says" in rule and len(rule["when"]) == len(rule[then]) == 1


def _requires(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    if any_holds(rule["when"], request) and any_holds(rule["needs"], request) is False:
        when = [field_of(c) for c in rule["when"] if holds(c, request)]
        needs = [field_of(c) for c in rule["needs"]]
        said = "" if _plain(rule, "needs") else f"{ticked(needs, 'or')} is not given"
        yield [*when, *needs], said


def _pairs(rule: Rule, request: Any, table: Sequence[sizes.Row], _: Any) -> Iterator[Seen]:
    width, height = (get(request, path) for path in rule["paths"])
    if not all(isinstance(side, int | float) for side in (width, height)):
        return
    table = _only(rule, table)
    if not limits.applies(rule, request):
        return
    if sizes.row_of(table, width, height) is None and not isinstance(width, bool):
        yield rule["paths"], sizes.not_offered(table, width, height)


def _only(rule: Rule, table: Sequence[sizes.Row]) -> Sequence[sizes.Row]:
    """The rows that a rule of pairs allows: those that it names itself, else the whole table."""
    if "only" not in rule:
        return table
    return [sizes.row_of(table, *pair) or _bare(pair) for pair in rule["only"]]


def _bare(pair: Sequence[int]) -> sizes.Row:
    return {"tier": "", "ratio": f"{pair[0]}x{pair[1]}", "width": pair[0], "height": pair[1]}


def _sum(rule: Rule, request: Any, _: Any, defaults: Mapping[str, Any]) -> Iterator[Seen]:
    values = [value for _at, value in matches(request, rule["path"])]
    whole = get(request, rule["equals"])
    whole = defaults.get(rule["equals"], MISSING) if whole is MISSING else whole
    if not values or not all(_number(value) for value in (*values, whole)):
        return
    if abs(sum(values) - whole) > _ROUNDING:
        said = f"they add up to {sum(values):g}, `{rule['equals']}` is {whole:g}"
        yield [rule["path"].split("[*]")[0], rule["equals"]], said


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _some_other(rule: Rule, request: Any, *_: Any) -> Iterator[Seen]:
    items = get(request, rule["path"])
    if isinstance(items, list) and items and not any(_is_other(rule, item) for item in items):
        yield [rule["path"]], ""


def _is_other(rule: Rule, item: Any) -> bool:
    value = item.get(rule["field"], MISSING) if isinstance(item, dict) else MISSING
    return isinstance(value, LEAVES) or not any(equal(value, each) for each in rule["than"])


_KINDS: dict[str, Callable[..., Iterator[Seen]]] = {
    "together": _together,
    "at-least-one": _at_least_one,
    "exactly-one": _exactly_one,
    "excludes": _excludes,
    "requires": _requires,
    "pairs": _pairs,
    "sum": _sum,
    "some-other": _some_other,
    **limits.KINDS,
    **tallies.KINDS,
}

CODES: dict[str, str] = {
    "together": "together",
    "at-least-one": "at-least-one",
    "exactly-one": "exactly-one",
    "excludes": "exclusive",
    "requires": "requires",
    "pairs": "not-offered",
    "sum": "sum-differs",
    "some-other": "item-needed",
    **limits.CODES,
    **tallies.CODES,
}


def as_schema(rule: Rule, table: Sequence[sizes.Row] = ()) -> dict[str, Any] | None:
    """The same rule as JSON Schema 2020-12; None for warnings and for what a schema cannot say."""
    write = _SCHEMAS.get(rule["rule"])
    if write is None or rule["severity"] != "error":
        return None
    schema = write(rule, table)
    return inside(rule["each"], {"items": schema}) if "each" in rule else schema


def _pairs_schema(rule: Rule, table: Sequence[sizes.Row]) -> dict[str, Any]:
    width, height = rule["paths"]
    rows = [
        {width: {"const": r["width"]}, height: {"const": r["height"]}} for r in _only(rule, table)
    ]
    offered = {"anyOf": [{"properties": row} for row in rows]}
    given = {"required": [width, height]}
    if "when" in rule:
        given = {"allOf": [given, any_true(rule["when"])]}
    return {"if": given, "then": offered}


def _some_other_schema(rule: Rule, _: Any) -> dict[str, Any]:
    same = {"required": [rule["field"]], "properties": {rule["field"]: {"enum": rule["than"]}}}
    return inside(rule["path"], {"contains": {"not": same}})


def _together_schema(rule: Rule, _: Any) -> dict[str, Any]:
    paths = rule["paths"]
    if all(len(parts(path)) == 1 for path in paths):
        return {"dependentRequired": {p: [q for q in paths if q != p] for p in paths}}
    return {"anyOf": [{"allOf": [true(p) for p in paths]}, {"not": any_true(paths)}]}


_SCHEMAS: dict[str, Callable[[Rule, Sequence[sizes.Row]], dict[str, Any]]] = {
    "together": _together_schema,
    "at-least-one": lambda rule, _: {"anyOf": [any_true(group) for group in rule["of"]]},
    "exactly-one": lambda rule, _: {"oneOf": [any_true(group) for group in rule["of"]]},
    "excludes": lambda rule, _: {
        "not": {"allOf": [any_true(rule["when"]), any_true(rule["forbids"])]}
    },
    "requires": lambda rule, _: {"if": any_true(rule["when"]), "then": any_true(rule["needs"])},
    "pairs": _pairs_schema,
    "some-other": _some_other_schema,
    **limits.SCHEMAS,
    **tallies.SCHEMAS,
}
