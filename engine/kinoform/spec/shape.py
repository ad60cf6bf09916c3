"""Checks a tree against the published schema of pipeline files and says every fault in words.

A small compiler for exactly the JSON Schema keywords that `schemas/pipeline.json` uses: a general
validator takes seconds for 10,000 written-out steps, and its errors name no place.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from kinoform.spec.stamps import StampedMap
from kinoform.spec.wording import Fault, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from kinoform.core.errors import Problem
    from kinoform.spec.stamps import Part
    from kinoform.spec.tree import Map, Seq
    from kinoform.spec.wording import Path

    Check: TypeAlias = Callable[[Any, Path, "Found"], None]

MAX_FAULTS = 1_000
_WORDS = frozenset({str, type})  # what is equal only to what is the same


class _Enough(Exception):  # noqa: N818  (ends the walk, says nothing)
    """So many faults were found that more would help nobody."""


def _is_integer(value: Any) -> bool:
    return type(value) is int or (isinstance(value, float) and value.is_integer())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": _is_number,
}


class Found:
    """The faults so far; ends the walk when there are too many."""

    __slots__ = ("faults",)

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """One more. Raises the end of the walk."""
        self.faults.append(fault)
        if len(self.faults) > MAX_FAULTS:
            raise _Enough


class Shape:
    """The compiled schema. `included` is for files that others include: blocks only."""

    def __init__(self, schema: Mapping[str, Any], *, included: bool = False) -> None:
        self._definitions = schema.get("$defs", {})
        self._compiled: dict[str, Check | None] = {}
        self._schema = _blocks_only(schema) if included else schema

    @cached_property
    def _check(self) -> Check | None:
        return self.build(self._schema)  # with the first tree: few films include another file

    def faults(self, tree: Any) -> list[Fault]:
        """Every violation, at most MAX_FAULTS and one."""
        found = Found()
        try:
            if self._check:
                self._check(tree, None, found)
        except _Enough:
            pass
        return found.faults

    def check(self, tree: Map | Seq) -> list[Problem]:
        """Every violation as a located problem."""
        return [problem(tree, fault) for fault in self.faults(tree)]

    def build(self, schema: Any) -> Check | None:
        """The check for a schema; None when everything is valid."""
        if schema is True:
            return None
        if "$ref" in schema:
            return self._reference(schema["$ref"].removeprefix("#/$defs/"))
        made = (maker(schema, self) for key, maker in MAKERS.items() if key in schema)
        checks = [check for check in made if check]
        if "type" in schema:
            typed = _typed(schema, checks)
            return self._alike(schema, typed) if _by_name(schema) else typed
        return _each(checks) if checks else None

    def _reference(self, name: str) -> Check | None:
        if name not in self._compiled:
            self._compiled[name] = self.build(self._definitions[name])
        return self._compiled[name]

    def _alike(self, schema: Mapping[str, Any], check: Check) -> Check:
        """Of maps that are written alike, one stands for all whose judged words are the same."""
        properties = schema["properties"].items()
        judged = {name: _by_type(sub) for name, sub in properties if self.build(sub)}
        names: dict[Part, list[tuple[str, bool]]] = {}
        sound: set[tuple[Any, ...]] = set()

        def once(value: Any, path: Path, found: Found) -> None:
            if not isinstance(value, StampedMap):
                check(value, path, found)
                return
            part = value.part
            if part not in names:
                names[part] = [(name, by) for name, by in judged.items() if name in part.open]
            words = (part, *[type(value[n]) if by else value[n] for n, by in names[part]])
            is_known = _WORDS.issuperset(map(type, words[1:]))
            if is_known and words in sound:
                return
            faults = len(found.faults)
            check(value, path, found)
            if is_known and len(found.faults) == faults:
                sound.add(words)

        return once

    def types(self, schema: Any) -> tuple[str, ...]:
        """The type names that a schema with a type allows."""
        if "$ref" in schema:
            return self.types(self._definitions[schema["$ref"].removeprefix("#/$defs/")])
        if "anyOf" in schema:
            return tuple(name for branch in schema["anyOf"] for name in self.types(branch))
        return (schema["type"],)


def _by_name(schema: Mapping[str, Any]) -> bool:
    """Whether it judges the keys of a map, and what stands under each by itself."""
    words = schema.keys() - ANNOTATIONS
    return words == {"type", "required", "properties", "additionalProperties"} and (
        schema["additionalProperties"] is False
    )


def _by_type(schema: Mapping[str, Any]) -> bool:
    """Whether it judges a value by its type alone."""
    words = schema.keys() - ANNOTATIONS
    return words == {"type"} or (
        words == {"type", "additionalProperties"} and schema["additionalProperties"] is True
    )


def _blocks_only(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = {k: v for k, v in schema["properties"].items() if k not in schema["required"]}
    properties.pop("name", None)
    return {**schema, "properties": properties, "required": []}


def _typed(schema: Mapping[str, Any], checks: list[Check]) -> Check:
    """Type first: the other keywords of a value of the wrong type would only repeat it."""
    fits = _TYPES[schema["type"]]
    rest = checks[0] if len(checks) == 1 else _each(checks)

    def check(value: Any, path: Path, found: Found) -> None:
        if fits(value):
            rest(value, path, found)
        else:
            found.add(Fault("type", path, value, schema))

    return check


def _each(checks: list[Check]) -> Check:
    def check(value: Any, path: Path, found: Found) -> None:
        for one in checks:
            one(value, path, found)

    return check


def _properties(schema: Mapping[str, Any], shape: Shape) -> Check:
    checks = {name: shape.build(sub) for name, sub in schema.get("properties", {}).items()}
    open_ended = schema.get("additionalProperties", True)
    rest = shape.build(open_ended) if open_ended else None

    def check(value: Any, path: Path, found: Found) -> None:
        if not isinstance(value, dict):
            return
        for name, item in value.items():
            if name in checks:
                one = checks[name]
            elif open_ended:
                one = rest
            else:
                found.add(Fault("additionalProperties", path, item, schema, name))
                continue
            if one:
                one(item, (path, name), found)

    return check


def _additional(schema: Mapping[str, Any], shape: Shape) -> Check | None:
    return None if "properties" in schema else _properties(schema, shape)


def _required(schema: Mapping[str, Any], _: Shape) -> Check:
    names = schema["required"]

    def check(value: Any, path: Path, found: Found) -> None:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    found.add(Fault("required", path, value, schema, name))

    return check


def _items(schema: Mapping[str, Any], shape: Shape) -> Check | None:
    one = shape.build(schema["items"])

    def check(value: Any, path: Path, found: Found) -> None:
        if one and isinstance(value, list):
            for index, item in enumerate(value):
                one(item, (path, index), found)

    return check


def _leaf(keyword: str, broken: Callable[[Any, Any], bool]) -> Callable[..., Check]:
    """A keyword that looks at one value: `broken(value, argument)` says whether it is violated."""

    def make(schema: Mapping[str, Any], _: Shape) -> Check:
        argument = schema[keyword]

        def check(value: Any, path: Path, found: Found) -> None:
            if broken(value, argument):
                found.add(Fault(keyword, path, value, schema))

        return check

    return make


def _same(value: Any, other: Any) -> bool:
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _any_of(schema: Mapping[str, Any], shape: Shape) -> Check:
    """The branch for the type of the value; its faults are the ones that help."""
    branches = [(shape.types(branch), shape.build(branch)) for branch in schema["anyOf"]]
    wanted = {**schema, "type": shape.types(schema)}

    def check(value: Any, path: Path, found: Found) -> None:
        fitting = [one for types, one in branches if any(_TYPES[t](value) for t in types)]
        if not fitting:
            found.add(Fault("type", path, value, wanted))
            return
        tried = [_collect(one, value, path) for one in fitting]
        for fault in min(tried, key=len):
            found.add(fault)

    return check


def _collect(check: Check | None, value: Any, path: Path) -> list[Fault]:
    found = Found()
    if check:
        check(value, path, found)
    return found.faults


def _if(schema: Mapping[str, Any], shape: Shape) -> Check:
    test, then, other = (shape.build(schema[k]) for k in ("if", "then", "else"))

    def check(value: Any, path: Path, found: Found) -> None:
        chosen = other if _collect(test, value, path) else then
        if chosen:
            chosen(value, path, found)

    return check


MAKERS: Final[dict[str, Callable[[Mapping[str, Any], Shape], Check | None]]] = {
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "minItems": _leaf("minItems", lambda v, n: isinstance(v, list) and len(v) < n),
    "minProperties": _leaf("minProperties", lambda v, n: isinstance(v, dict) and len(v) < n),
    "minimum": _leaf("minimum", lambda v, n: _is_number(v) and v < n),
    "exclusiveMinimum": _leaf("exclusiveMinimum", lambda v, n: _is_number(v) and v <= n),
    "pattern": _leaf("pattern", lambda v, p: isinstance(v, str) and not re.search(p, v)),
    "enum": _leaf("enum", lambda v, legal: not any(_same(v, one) for one in legal)),
    "const": _leaf("const", lambda v, legal: not _same(v, legal)),
    "anyOf": _any_of,
    "if": _if,
}
# What the compiler reads elsewhere, and what only people and editors read.
OTHER_KEYWORDS = frozenset({"$ref", "$defs", "type", "then", "else"})
ANNOTATIONS = frozenset({"$schema", "title", "description", "examples"})
