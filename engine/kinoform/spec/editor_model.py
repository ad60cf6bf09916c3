"""The schema of a step's `with` for one model: native and portable names, open to templates.

Knows model files and JSON Schema in the subset that editors of draft-07 read; knows no pipeline.
Only what one field may hold is said: rules between fields are for `kinoform check`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.spec import sizes
from kinoform.spec.fields import parts
from kinoform.spec.judge import law

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.spec.catalog import Model

# None is not sent, so nothing stands for any value, as a template does.
TEMPLATE: dict[str, Any] = {
    "type": ["string", "null"],
    "pattern": r"\{\{|\{%|\{#",
}
_LATE = {"$ref": "#/$defs/template"}
_KEPT = (
    "type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "default",
)  # fmt: skip
_NARROW = {"const", "enum", "minLength", "maxLength", "pattern"}
_OWN_MEDIA = " In a pipeline: a file of the project, an https address, or ${{ out.STEP }}."


def parameters(model: Model) -> dict[str, Any]:
    """What `with` may hold for this model, closed; `TEMPLATE` stands under #/$defs/template."""
    maker, request, portable = _Maker(model), model.table("request"), model.table("portable")
    native = {n: p for n, p in request["properties"].items() if n not in law(model).withheld}
    found = {name: maker.portable(name, row) for name, row in portable.items()}
    found |= {name: maker.open(part, name) for name, part in native.items() if name not in found}
    wanted = [name for name in request.get("required", ()) if name in native]
    return {
        "title": model.title,
        "description": f"{model.title}: {model.id}",
        "type": "object",
        "properties": found,
        "additionalProperties": False,
        **_required({name: _fillers(portable, name) for name in wanted}),
    }


def _fillers(portable: Mapping[str, Mapping[str, Any]], wire: str) -> list[str]:
    """The portable names that may fill a field of the wire."""
    return [name for name, row in portable.items() if any(
        target == wire or target.startswith(f"{wire}.") for target in _targets(row)
    )]  # fmt: skip


def _targets(row: Mapping[str, Any]) -> Iterable[str]:
    to = row["to"]
    return [to] if isinstance(to, str) else list(to)


def _required(wanted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Each name is there, or one of those that stand for it."""
    plain = [name for name, others in wanted.items() if set(others) <= {name}]
    either = [
        {"anyOf": [{"required": [each]} for each in dict.fromkeys((*others, name))]}
        for name, others in wanted.items()
        if name not in plain
    ]
    return ({"required": plain} if plain else {}) | ({"allOf": either} if either else {})


def _at(part: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The schema of the field at a dotted path; an empty one where the request has none."""
    for step in parts(path):
        inner = part.get("properties", {}).get(step)
        part = inner if isinstance(inner, dict) else {}
    return part


@dataclass(frozen=True, slots=True)
class _Maker:
    """Schemas of values of one model."""

    model: Model

    # Fields as they are on the wire.

    def open(self, part: Any, path: str) -> dict[str, Any]:
        """A value, or a template in its place."""
        if not isinstance(part, dict):
            return {}
        return _opened(self.strict(part, path), self.about(part, path))

    def about(self, part: Mapping[str, Any], path: str) -> str:
        """The description, with the default, and with what a pipeline may write for media."""
        said = str(part.get("description", ""))
        if "default" in part:
            said += f" Default: {json.dumps(part['default'], ensure_ascii=False)}."
        return said + (_OWN_MEDIA if path in self.model.table("media") else "")

    def strict(self, part: Mapping[str, Any], path: str) -> dict[str, Any]:
        """A value as it will be; what lies inside is open to templates."""
        made = {key: part[key] for key in _KEPT if key in part}
        for key in ("anyOf", "oneOf"):
            if key in part:
                made["anyOf"] = [self.strict(each, path) for each in part[key]]
        if "items" in part:
            made["items"] = self.open(part["items"], f"{path}[*]")
        if "properties" in part:
            inner = part["properties"].items()
            made["properties"] = {n: self.open(each, f"{path}.{n}") for n, each in inner}
            made |= _required(dict.fromkeys(part.get("required", ()), ()))
        rest = part.get("additionalProperties")
        if rest is not None:
            made["additionalProperties"] = self.open(rest, f"{path}.*") if rest else False
        return made

    # Portable names.

    def portable(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """What stands under a portable name, and where it goes."""
        made = _WAYS[row.get("as", "value")](self, row)
        to = " and ".join(_targets(row))
        return (
            made
            if name == to
            else {**made, "description": f"{made.get('description', '')} Sent as {to}."}
        )

    def value(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The field itself under another name."""
        target = row["to"]
        part = _at(self.model.table("request"), target)
        return _opened(self.strict(part, target), self.about(part, target))

    def list_(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """One item of the list, or a list of them."""
        target = row["to"]
        part = _at(self.model.table("request"), target)
        inner = part.get("items", {})
        item = _renamed(self.strict(inner, f"{target}[*]"), row.get("keys", {}))
        said = self.about(inner, f"{target}[*]")
        whole = {k: part[k] for k in ("minItems", "maxItems") if k in part}
        many = {"type": "array", "items": _opened(item, said), **whole}
        about = f"{self.about(part, target)} One, or a list."
        return {"description": about, "anyOf": [item, many, _LATE]}

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The value under one key of an item."""
        inner = _at(self.model.table("request"), row["to"]).get("items", {})
        path = f"{row['to']}[*].{row['under']}"
        part = _at(inner, row["under"])
        mark = ", ".join(f"{key} {value}" for key, value in row["mark"].items())
        return _opened(self.strict(part, path), f"{self.about(part, path)} This one has {mark}.")

    def size(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A label of the size table in any spelling, or pixels."""
        rows = self.model.document.get("sizes", ())
        labels = [sizes.label(each, rows) for each in rows]
        free = not any(rule["rule"] == "pairs" for rule in self.model.table("rules"))
        pixels = free and {"width", "height"} <= set(row["to"].values())
        about = "Tier and shape, or WIDTHxHEIGHT in pixels."
        wanted = [{"enum": labels}] if labels else []
        spelled = {"type": "string", "pattern": _spellings(rows, free=pixels)}
        return {"description": about, "anyOf": [*wanted, spelled, _LATE]}


_WAYS = {"value": _Maker.value, "list": _Maker.list_, "item": _Maker.item, "size": _Maker.size}


def _opened(strict: dict[str, Any], about: str) -> dict[str, Any]:
    said = {"description": about} if about else {}
    said |= {"default": strict.pop("default")} if "default" in strict else {}
    if not strict:
        return said
    if strict.get("type") == "string" and not _NARROW & strict.keys():
        return {**said, **strict, "type": ["string", "null"]}
    return {**said, "anyOf": [strict, _LATE]}


def _renamed(item: dict[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """The item with portable keys beside those of the wire."""
    members = item.get("properties")
    if not members or not keys:
        return item
    more = {name: members[wire] for name, wire in keys.items() if wire in members}
    others = {wire: [n for n in more if keys[n] == wire] for wire in item.get("required", ())}
    rest = {key: value for key, value in item.items() if key != "required"}
    return {**rest, "properties": {**members, **more}, **_required(others)}


def _spellings(rows: Sequence[Mapping[str, Any]], *, free: bool) -> str:
    """A pattern for tier and ratio in either order and any case, and for pixels."""
    tiers = "|".join(dict.fromkeys(_anycase(str(row["tier"])) for row in rows))
    ratios = "|".join(dict.fromkeys(_anycase(str(row["ratio"])) for row in rows))
    pairs = [rf"{row['width']}\s*[xX\u00d7]\s*{row['height']}" for row in rows if "width" in row]
    if free:
        pairs = [r"[0-9]{1,5}\s*[xX\u00d7]\s*[0-9]{1,5}"]
    said = [rf"(?:{tiers})\s+(?:{ratios})", rf"(?:{ratios})\s+(?:{tiers})"] if rows else []
    alone = [ratios] if len({row["tier"] for row in rows}) == 1 else []
    return rf"^\s*(?:{'|'.join([*said, *alone, *pairs])})\s*$"


def _anycase(text: str) -> str:
    return "".join(
        f"[{c.lower()}{c.upper()}]" if c.lower() != c.upper() else escaped(c) for c in text
    )


def escaped(text: str) -> str:
    """The text in a pattern, with no escape that a strict reader of patterns refuses."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text)
