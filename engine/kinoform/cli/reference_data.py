"""Reference pages from data: the keys of the files that people write, and the models with limits and prices.

Reads the published JSON files as they are; judges nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kinoform.cli.reference_page import page, table
from kinoform.cli.reference_schema import kind, limits, walked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


_INTRO = (
    "Every key that {} may hold. `NAME` stands for a name of your own, `[]` for each item of a"
    " list. The same as a schema for editors: `schemas/{}.json`{}."
)
# published schema -> heading, what the page calls such a file, where else the schema is
_FILES = {
    "pipeline": ("Pipeline file", "a pipeline file", ""),
    "config": ("Settings file", "`config.yaml`", ", or `kinoform schema --config`"),
}


def file_pages(schemas: Path) -> dict[str, str]:
    """Every key of the files that people write, one page a file, from the published schemas."""
    made = {}
    for name, (title, called, also) in _FILES.items():
        source = schemas / f"{name}.json"
        if source.is_file():
            intro = _INTRO.format(called, name, also)
            made[f"{name}.md"] = page(title, intro, _keys(_read(source)))
    return made


def _keys(schema: Mapping[str, Any]) -> str:
    rows = [
        (f"`{path}`", kind(part, schema), part.get("description", ""))
        for path, part in walked(schema, schema)
    ]
    return table(("Key", "Type", "Meaning"), rows)


def model_pages(schemas: Path) -> dict[str, str]:
    """One page per provider, with every model: parameters, limits, rules, prices."""
    made = {}
    for folder in sorted(path for path in schemas.iterdir() if path.is_dir()):
        models = [_read(source) for source in sorted(folder.glob("*.json"))]
        if models:
            intro = "What each takes, within which limits, and what it costs."
            title = "Local operations" if folder.name == "local" else f"Models: {folder.name}"
            body = "\n\n".join(map(_model, models))
            made[f"models-{folder.name}.md"] = page(title, intro, body)
    return made


def _model(model: Mapping[str, Any]) -> str:
    parts = [
        f"## {model['id']}",
        f"{model.get('title', '')}. {_prices(model.get('price', {}))} {_source(model)}".strip(),
        _parameters(model.get("request", {}), model.get("classes", {})),
        _sizes(model.get("sizes", ())),
        _portable(model.get("portable", {})),
        _rules(model.get("rules", ())),
    ]
    return "\n\n".join(part for part in parts if part)


def _source(model: Mapping[str, Any]) -> str:
    source = model.get("source", {})
    page_, date = source.get("page", ""), source.get("date", "")
    return f"Source: <{page_}>, read on {date}." if page_.startswith("https:") else ""


def _parameters(request: Mapping[str, Any], classes: Mapping[str, str]) -> str:
    rows = [
        (
            f"`{path}`",
            kind(part, request),
            limits(part),
            _class(path, classes),
            part.get("description", ""),
        )
        for path, part in walked(request, request)
    ]
    return table(("Parameter", "Type", "Limits", "Class", "Meaning"), rows) if rows else ""


def _class(path: str, classes: Mapping[str, str]) -> str:
    """The class of a field, or of the nearest field around it that has one."""
    plain = path.replace("[]", "")
    while plain and plain not in classes:
        plain = plain.rpartition(".")[0]
    return classes.get(plain, "")


def _prices(price: Mapping[str, Any]) -> str:
    rows = price.get("rows", ())
    if not rows:
        return "Free." if price.get("per") == "nothing" else "Price unknown."
    said = [f"${row['usd']}{_when(row)}" for row in rows]
    return f"Price per {price['per']}: {'; else '.join(said)}."


def _when(row: Mapping[str, Any]) -> str:
    conditions = [*map(_condition, row.get("when", ())), *row.get("tier", ())]
    parts = [" or ".join(conditions), *map(_condition, row.get("all", ()))]
    parts += [f"no {_condition(each)}" for each in row.get("none", ())]
    said = " and ".join(filter(None, parts))
    return f" with {said}" if said else ""


def _condition(condition: str | Mapping[str, Any]) -> str:
    if isinstance(condition, str):
        return f"`{condition}`"
    values = condition["in"] if "in" in condition else [condition["is"]]
    return f"`{condition['path']}` {' or '.join(map(json.dumps, values))}"


def _sizes(sizes: Sequence[Mapping[str, Any]]) -> str:
    tiers: dict[str, list[str]] = {}
    for size in sizes:
        pixels = f"{size['width']}x{size['height']} " if "width" in size else ""
        shown = f"{pixels}({size['ratio']})" if pixels else size["ratio"]
        tiers.setdefault(str(size["tier"]), []).append(shown)
    return (
        "Sizes:\n\n" + _bullets((f"{t}: {', '.join(s)}" for t, s in tiers.items())) if tiers else ""
    )


def _portable(portable: Mapping[str, Mapping[str, Any]]) -> str:
    names = [f"`{name}`" for name in portable]
    return f"Portable names: {', '.join(names)}." if names else ""


def _rules(rules: Sequence[Mapping[str, Any]]) -> str:
    said = [
        f"{rule['says']} ({rule.get('severity', 'error')})" for rule in rules if rule.get("says")
    ]
    return "Rules:\n\n" + _bullets(said) if said else ""


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
