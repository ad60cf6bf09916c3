"""Reference pages from data: the keys of a pipeline file, and the models with limits and prices.

Reads the published JSON files as they are; judges nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kinoform.cli.reference_page import page, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_NOT_LIMITS = {
    *("type", "title", "description", "properties", "required", "items", "additionalProperties"),
    *("patternProperties", "propertyNames", "allOf", "if", "then", "else", "not", "$ref", "$defs"),
    *(
        "anyOf",
        "oneOf",
        "examples",
        "$comment",
        "deprecated",
        "dependentRequired",
        "dependentSchemas",
    ),
}


def pipeline_page(schemas: Path) -> dict[str, str]:
    """Every key of a pipeline file, from `pipeline.json`; nothing while that is not there."""
    source = schemas / "pipeline.json"
    if not source.is_file():
        return {}
    schema = _read(source)
    rows = [
        (f"`{path}`", kind(part, schema), part.get("description", ""))
        for path, part in walked(schema, schema)
    ]
    intro = (
        "Every key that a pipeline file may hold. `NAME` stands for a name of your own, `[]` for"
        " each item of a list. The same as a schema for editors: `schemas/pipeline.json`."
    )
    return {"pipeline.md": page("Pipeline file", intro, table(("Key", "Type", "Meaning"), rows))}


def model_pages(schemas: Path) -> dict[str, str]:
    """One page per provider, with every model: parameters, limits, prices."""
    made = {}
    for folder in sorted(path for path in schemas.iterdir() if path.is_dir()):
        files = sorted(folder.glob("*.json"))
        parts = [_model(_read(source)) for source in files]
        if parts:
            intro = "Each model (or local operation) with what it takes and what it costs."
            made[f"models-{folder.name}.md"] = page(
                f"Models: {folder.name}", intro, "\n\n".join(parts)
            )
    return made


def _model(model: Mapping[str, Any]) -> str:
    name = str(model.get("id") or model.get("name") or model.get("title") or "")
    request = model.get("request") or model.get("params") or {}
    rows = [
        (f"`{path}`", kind(part, request), limits(part), part.get("description", ""))
        for path, part in walked(request, request)
    ]
    parts = [f"## {name}", str(model.get("description", "")), _source(model.get("source"))]
    parts.append(table(("Parameter", "Type", "Limits", "Meaning"), rows) if rows else "")
    parts.append(_prices(model.get("price")))
    return "\n\n".join(part for part in parts if part)


def _source(source: object) -> str:
    if isinstance(source, dict):
        said = ", ".join(str(source[key]) for key in ("page", "url", "date") if source.get(key))
        return f"Source: {said}."
    return f"Source: {source}." if source else ""


def _prices(price: object) -> str:
    if not price:
        return ""
    rows = [row for row in _price_rows(price) if row]
    return "Price:\n\n" + table(("When", "USD"), rows)


def _price_rows(price: Any) -> Iterator[tuple[str, str]]:
    """Rows of conditions and amounts, however deep the model file nests them."""
    if isinstance(price, list):
        for entry in price:
            yield from _price_rows(entry)
    elif isinstance(price, dict):
        conditions = price.get("when", price.get("if", {}))
        amounts = {k: v for k, v in price.items() if k not in {"when", "if"}}
        nested = [value for value in amounts.values() if isinstance(value, list | dict)]
        if nested and not conditions:
            for value in nested:
                yield from _price_rows(value)
        else:
            yield _inline(conditions) or "always", _inline(amounts)
    else:
        yield "always", str(price)


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
        return " or ".join(named)
    if named == "array":
        items = part.get("items")
        inner = kind(items, whole) if isinstance(items, dict) else ""
        return f"list of {inner}" if inner else "list"
    if named:
        return "map" if named == "object" else str(named)
    branches = (kind(branch, whole) for branch in (*part.get("anyOf", ()), *part.get("oneOf", ())))
    return " or ".join(dict.fromkeys(filter(None, branches)))


def limits(part: Mapping[str, Any]) -> str:
    """What narrows the type, key by key: `minimum 3, maximum 15`."""
    return ", ".join(
        f"{name} {_inline(value)}" for name, value in part.items() if name not in _NOT_LIMITS
    )


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_inline(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return " ".join(f"`{_inline(inner)}`" for inner in value)
    return value if isinstance(value, str) else json.dumps(value)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
