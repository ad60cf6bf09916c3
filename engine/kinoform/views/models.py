"""A model file as rows for people. Pure; judges nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from kinoform.views.fields import Fields

    Doc: TypeAlias = Mapping[str, Any]

VERSION = 1
_ORDER = {"content": 1, "technical": 2, "delivery": 3, "transport": 4}
_OURS = ", set by kinoform: not for a pipeline"
_SET_BY_US = {"delivery": _OURS, "transport": _OURS}
HEAD = ("id", "title", "price", "takes", "makes")


def row(model: Doc) -> dict[str, Any]:
    """One model in a list, as plain data."""
    return {
        "id": model["id"],
        "title": model["title"],
        "kind": model["kind"],
        "price": price(model),
        "takes": sorted({kind for field in model["media"].values() for kind in field["takes"]}),
        "makes": sorted({media.partition("/")[0] for media in _made(model)}),
    }


FIELDS: Fields = {
    **VERSIONED,
    "models": "list: every model that is known here",
    "models[].id": "string: the full model id",
    "models[].title": "string: its name for people",
    "models[].kind": "string: hosted or local",
    "models[].price": "string: the range, in words",
    "models[].takes": "list of string: image, video",
    "models[].makes": "list of string: image, video, text",
    "pages": "map: models that can be imported, to the page of each",
    "pages.NAME": "string: address of the page",
}


def cells(found: Doc) -> tuple[str, ...]:
    """The same for a table."""
    takes, makes = " ".join(found["takes"]), " ".join(found["makes"])
    return found["id"], found["title"], found["price"], takes, makes


def _made(model: Doc) -> Iterator[str]:
    """Every media type that the outputs may have."""
    for source in model.get("outputs", {}).get("media", ()):
        yield from map(str, source.get("map", {}).values())
        if isinstance(source.get("value"), str):
            yield source["value"]


def price(model: Doc) -> str:
    """`$0.028 to $0.056 an image`, `free`."""
    table = model.get("price", {})
    amounts = sorted({str(each["usd"]) for each in table.get("rows", ())}, key=float)
    if table.get("per") == "nothing":
        return "free"
    if not amounts:
        return "unknown"
    span = f"${amounts[0]}" if len(amounts) == 1 else f"${amounts[0]} to ${amounts[-1]}"
    return f"{span} per {table['per']}"


def about(model: Doc) -> Iterator[str]:
    """The head of a model's page."""
    yield f"{model['id']}  {model['title']} ({model['kind']})"
    yield str(model["request"].get("description", ""))
    yield f"price: {price(model)}"
    source = model.get("source", {})
    if str(source.get("page", "")).startswith("https:"):
        yield f"source: {source['page']}, read on {source['date']}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of a request; `group` is its class."""

    name: str
    required: bool
    kind: str
    limits: str
    group: str
    about: str


def parameters(found: Iterable[Parameter]) -> Iterator[str]:
    """The fields by class: those that a person writes first, those that kinoform sets last."""
    groups: dict[str, list[Parameter]] = {}
    for each in found:
        groups.setdefault(each.group, []).append(each)
    for name in sorted(groups, key=lambda group: (_ORDER.get(group, 0), group)):
        yield ""
        yield f"{name} parameters{_SET_BY_US.get(name, '')}"
        for each in groups[name]:
            said = ", ".join(filter(None, (each.kind, each.limits, _needed(each))))
            yield f"  {each.name}: {said}" if said else f"  {each.name}"
            yield f"      {each.about}"


def _needed(each: Parameter) -> str:
    return "required" if each.required else ""


def tables(model: Doc) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Title, columns and rows of each further part that the model has."""
    parts: tuple[tuple[str, tuple[str, ...], list[Any]], ...] = (
        ("portable names", ("name", "goes to"), list(_portable(model))),
        ("media", ("parameter", "takes", "given as"), list(_media(model))),
        ("rules", ("severity", "rule"), list(_rules(model))),
        ("sizes", ("tier", "ratio", "pixels"), list(_sizes(model))),
        ("prices", ("USD", f"per {model['price']['per']}, when"), list(_prices(model))),
    )
    yield from (part for part in parts if part[2])


def _portable(model: Doc) -> Iterator[tuple[str, str]]:
    for name, place in model.get("portable", {}).items():
        to = place.get("to", "")
        yield name, ", ".join(map(str, to.values())) if isinstance(to, dict) else str(to)


def _media(model: Doc) -> Iterator[tuple[str, str, str]]:
    for path, field in model["media"].items():
        yield path, " ".join(field["takes"]), " ".join(field.get("forms", ()))


def _sizes(model: Doc) -> Iterator[tuple[str, str, str]]:
    for size in model.get("sizes", ()):
        pixels = f"{size['width']}x{size['height']}" if "width" in size else ""
        yield str(size.get("tier", "")), str(size.get("ratio", "")), pixels


def _rules(model: Doc) -> Iterator[tuple[str, str]]:
    for rule in model.get("rules", ()):
        yield str(rule.get("severity", "error")), str(rule.get("says") or _rule(rule))


def _rule(rule: Doc) -> str:
    """A rule that says nothing of itself, by what it is about."""
    paths = " and ".join(map(str, rule.get("paths", [rule.get("path", "")])))
    return f"{paths} are one of the sizes below" if rule["rule"] == "pairs" else str(rule["id"])


def _prices(model: Doc) -> Iterator[tuple[str, str]]:
    for each in model["price"].get("rows", ()):
        when = [*map(_condition, each.get("when", ())), *map(str, each.get("tier", ()))]
        also = [*map(_condition, each.get("all", ()))]
        also += [f"not {_condition(condition)}" for condition in each.get("none", ())]
        said = " and ".join(filter(None, [" or ".join(when), *also]))
        yield f"${each['usd']}", said or "otherwise"


def _condition(condition: str | Doc) -> str:
    if isinstance(condition, str):
        return f"{condition} is given"
    values = condition["in"] if "in" in condition else [condition["is"]]
    return f"{condition['path']} is {' or '.join(map(json.dumps, values))}"
