"""Flat parameters as one nested JSON Schema, closed at every level whose members are known.

Knows schemas; knows no page and no rule.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kinoform.spec.pages.page import Field

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def request(title: str, fields: Iterable[Field]) -> dict[str, Any]:
    """The schema of one request."""
    head = {"$schema": _DRAFT, "type": "object", "description": f"One {title} task."}
    return _whole(head, fields, closed=True)


def response(title: str, fields: Iterable[Field]) -> dict[str, Any]:
    """The schema of one result: open, because answers may carry more."""
    head = {"type": "object", "description": f"One result of {title}."}
    return _whole(head, fields, closed=False)


def _whole(head: dict[str, Any], fields: Iterable[Field], *, closed: bool) -> dict[str, Any]:
    whole = {**head, "properties": {}, "required": []}
    for each in fields:
        _place(whole, each)
    _tidy(whole, closed=closed)
    return whole


def _place(whole: dict[str, Any], each: Field) -> None:
    *above, name = each.path.split(".")
    parent = whole
    for step in above:
        parent = _inner(parent.setdefault("properties", {}).setdefault(step, _implied(step)))
    there = parent.setdefault("properties", {}).get(name, {})
    parent["properties"][name] = {**copy.deepcopy(each.schema), **_members(there)}
    if each.required:
        parent.setdefault("required", []).append(name)


def _implied(name: str) -> dict[str, Any]:
    return {"type": "object", "description": f"The parameters of `{name}`."}


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    """Where the members of a field stand: in the items of a list."""
    if schema.get("type") != "array":
        return schema
    inner: dict[str, Any] = schema.setdefault("items", {"type": "object"})
    return inner


def _members(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What children that came before their parent have left there."""
    return {key: schema[key] for key in ("properties", "required") if key in schema}


def _tidy(schema: dict[str, Any], *, closed: bool) -> None:
    if schema.get("properties"):
        if closed:
            schema["additionalProperties"] = False
        for each in schema["properties"].values():
            _tidy(each, closed=closed)
    if not schema.get("required", True):
        del schema["required"]
    if isinstance(schema.get("items"), dict):
        _tidy(schema["items"], closed=closed)


def fields_in(schema: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field below a schema by its path pattern (`inputs.frameImages[*].image`)."""
    for name, each in schema.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        yield path, each
        yield from fields_in(each, path)
        items = each.get("items")
        if isinstance(items, dict):
            yield f"{path}[*]", items
            yield from fields_in(items, f"{path}[*]")
