"""One entry of WaveSpeed's `GET /models` answer, read into a `Page`.

Its schemas are JSON Schema with marks of their own; its price may be a formula, which is not run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Problem, SpecError
from kinoform.spec.pages.page import Field, Note, Page, PriceLine
from kinoform.spec.pages.wavespeed import address, kind_of, named_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_KEPT = (
    "type", "description", "default", "minimum", "maximum", "enum", "minItems", "maxItems",
    "minLength", "maxLength",
)  # fmt: skip
_KINDS = ("image", "video")
_DEEPEST = 16


def is_page(text: str) -> bool:
    """Whether the text is such an entry, or an answer that holds some."""
    return text.lstrip().startswith(("{", "[")) and "api_schema" in text


def read(text: str) -> Page:
    """The entry as values. Raises SpecError for none, for several, and for one without a schema."""
    try:
        found = _entries(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise SpecError(Problem("bad-page", f"the entry is not JSON: {str(error)[:80]}")) from error
    if len(found) != 1:
        names = ", ".join(str(each.get("model_id")) for each in found[:5])
        said = f"{len(found)} entries stand there ({names})"
        raise SpecError(Problem("bad-page", said, hint="give one entry in a file of its own"))
    return _page(found[0])


def _entries(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, dict) and "model_id" in data:
        return [data]
    inner = data.get("data", data.get("items", [])) if isinstance(data, dict) else data
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def _page(entry: Mapping[str, Any]) -> Page:
    schema = _schema(entry)
    name = str(entry["model_id"])
    notes: list[Note] = []
    fields = list(_fields(schema, notes))
    if not fields:
        raise SpecError(Problem("bad-page", "the entry has no parameters"))
    kind = str(entry.get("type", "")).rpartition("-")[2]
    return Page(
        provider="wavespeed",
        name=name,
        title=str(entry.get("name") or name),
        url=address(name),
        form="models list entry",
        kind=kind if kind in _KINDS else kind_of(name, fields),
        fields=tuple(fields),
        sizes=tuple(named_sizes(fields)),
        prices=tuple(_prices(entry, notes)),
        notes=tuple(notes),
    )


def _schema(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    holder = entry.get("api_schema")
    listed = holder.get("api_schemas", []) if isinstance(holder, dict) else []
    for each in listed if isinstance(listed, list) else ():
        schema = each.get("request_schema") if isinstance(each, dict) else None
        if each.get("type") == "model_run" and isinstance(schema, dict):
            return schema
    raise SpecError(Problem("bad-page", "the entry has no request_schema of type model_run"))


def _fields(schema: Mapping[str, Any], notes: list[Note], above: str = "") -> Iterator[Field]:
    """The properties in their order of display; members of objects follow their object."""
    given = schema.get("properties")
    known: Mapping[str, Any] = given if isinstance(given, dict) else {}
    order = [name for name in schema.get("x-order-properties", ()) if name in known]
    needed = schema.get("required", ())
    for name in dict.fromkeys([*order, *known]):
        path, each = f"{above}{name}", known[name]
        if not isinstance(each, dict):
            notes.append(Note(f"{path}: {each}", "it is no schema"))
            continue
        yield Field(path, _plain(path, each, notes), name in needed)
        if path.count(".") < _DEEPEST:
            yield from _fields(_inner(each), notes, f"{path}.")


def _inner(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    items = schema.get("items")
    return items if isinstance(items, dict) else schema


def _plain(path: str, each: Mapping[str, Any], notes: list[Note]) -> dict[str, Any]:
    """The schema without marks of display."""
    found = {key: each[key] for key in _KEPT if each.get(key) is not None}
    name = "One item" if path.endswith("[*]") else path.rsplit(".", 1)[-1]
    text = str(each.get("description") or each.get("title") or name).strip()
    found["description"] = text if text.endswith(".") else f"{text}."
    if each.get("step"):
        found["multipleOf"] = each["step"]
    if each.get("nullable") and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    if "x-enum" in each and "enum" not in each:
        notes.append(Note(f"{path}: x-enum", "whether other values are refused is not said"))
    items = each.get("items")
    if isinstance(items, dict):
        found["items"] = _plain(f"{path}[*]", items, notes)
    return found


def _prices(entry: Mapping[str, Any], notes: list[Note]) -> Sequence[PriceLine]:
    if formula := str(entry.get("formula") or "").strip():
        notes.append(Note(f"formula: {formula}", "prices by formula are not read"))
        return []
    price = entry.get("base_price")
    is_price = isinstance(price, int | float) and not isinstance(price, bool)
    return [PriceLine("", f"{price:f}".rstrip("0").rstrip("."), "per run")] if is_price else []
