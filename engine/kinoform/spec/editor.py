"""One JSON Schema for one project: the published schema with the names and models that it has.

Pure: names, catalog and published schema in, a schema in the subset of draft-07 that editors read
out. Draft 2020-12 gives it the same meaning.
"""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from kinoform.spec.document import EXPORTS
from kinoform.spec.editor_model import TEMPLATE, escaped, parameters
from kinoform.spec.steps import SINGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kinoform.spec.catalog import Catalog
    from kinoform.spec.salvage import Names

# More instances than a list can usefully show: a pattern stands for the rest, and for more steps
# than that any word.
MAX_IDS = 300
MAX_STEPS = 1_000
_STALE = "`kinoform schema --write` takes new names in"
_MADE = "a step, or one instance as step@item"
_WORD = {"$ref": "#/$defs/word"}


def editor_schema(
    names: Names, catalog: Catalog, published: Mapping[str, Any], *, whole: bool = True
) -> dict[str, Any]:
    """The schema of this project's pipeline file, for editors.

    `published` is the parsed `schemas/pipeline.json`. In each step `with` is what its model takes.
    Unless `whole` (and `names.whole`), a name that is not known here is no fault.
    """
    names = replace(names, whole=names.whole and whole)
    made = copy.deepcopy(dict(published))
    made["$comment"] = f"Written by `kinoform schema`: {_STALE}."
    keys = _keys(catalog)
    defs = made["$defs"]
    defs["template"] = TEMPLATE
    defs |= {keys[name]: parameters(model) for name, model in catalog.items()}
    defs["modelId"] = _listed(
        {name: model.title for name, model in catalog.items()},
        "the full id of a model",
        "no model has this id",
        whole=names.whole,
    )
    _narrow_step(defs, names, catalog)
    defs["step"]["allOf"] = list(_choices(names, keys, defs))
    defs["export"]["properties"]["as"]["enum"] = list(EXPORTS)
    return made


def _keys(catalog: Catalog) -> dict[str, str]:
    """Model id to its name among the definitions: letters that need no escape, each once."""
    keys: dict[str, str] = {}
    for name in catalog:
        plain = "with." + re.sub(r"[^A-Za-z0-9._-]", ".", name)
        keys[name] = plain if plain not in keys.values() else f"{plain}.{len(keys)}"
    return keys


def _listed(values: Mapping[str, str], about: str, wrong: str, *, whole: bool) -> dict[str, Any]:
    """One of these words (with what each is); any word while not all are known."""
    if not values:
        return {"description": about, **_plain_word()}
    listed: dict[str, Any] = {"enum": list(values)}
    if any(values.values()):
        listed["enumDescriptions"] = list(values.values())
    if whole:
        return {"description": about, **listed, "errorMessage": f"{wrong}; {_STALE}"}
    return {"description": about, "anyOf": [listed, _WORD]}


def _plain_word() -> dict[str, Any]:
    return {"type": "string", "pattern": "^[^{}]+$"}


# Steps


def _narrow_step(defs: dict[str, Any], names: Names, catalog: Catalog) -> None:
    step = defs["step"]["properties"]
    titles = {alias: _title(ids, catalog) for alias, ids in names.aliases.items()}
    titles |= {name: model.title for name, model in catalog.items()}
    step["uses"] = _listed(
        titles, step["uses"]["description"], "no alias and no model", whole=names.whole
    )
    step["with"].pop("examples", None)
    step["foreach"] = {"description": step["foreach"]["description"], "anyOf": _foreach(names)}
    defs["made"] = _made(names)
    step["needs"] = {
        "description": step["needs"]["description"],
        "type": "array",
        "items": {"$ref": "#/$defs/made"},
    }
    of = defs["export"]["properties"]["of"]
    defs["export"]["properties"]["of"] = {"description": of["description"], "allOf": [
        {"$ref": "#/$defs/made"}
    ]}  # fmt: skip


def _title(ids: tuple[str, ...], catalog: Catalog) -> str:
    return " or ".join(f"{catalog[i].title} ({i})" if i in catalog else i for i in ids)


def _choices(names: Names, keys: Mapping[str, str], defs: Mapping[str, Any]) -> Iterator[Any]:
    """For each model, or choice of models, what `with` is in a step that uses it."""
    using: dict[tuple[str, ...], list[str]] = {}
    for alias, ids in names.aliases.items():
        if ids and keys.keys() >= set(ids):
            using.setdefault(ids, []).append(alias)
    for name in keys:
        using.setdefault((name,), []).append(name)
    for ids, words in using.items():
        told = [{"$ref": f"#/$defs/{keys[i]}"} for i in ids]
        needed = all({"required", "allOf"} & defs[keys[i]].keys() for i in ids)
        then: dict[str, Any] = {"properties": {"with": told[0] if len(ids) == 1 else {
            "anyOf": told
        }}}  # fmt: skip
        yield {
            "if": {"properties": {"uses": {"enum": words}}, "required": ["uses"]},
            "then": {**then, "required": ["with"]} if needed else then,
        }


def _foreach(names: Names) -> list[dict[str, Any]]:
    short = dict.fromkeys((name for name in SINGULAR if name in names.collections), "")
    homes = dict.fromkeys(names.collections, "")
    wrong = "no collection has this name"
    return [
        _listed(short, "entries of a collection", wrong, whole=names.whole),
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": _listed(homes, "a collection", wrong, whole=names.whole),
        },
    ]


def _made(names: Names) -> dict[str, Any]:
    """A step, or one instance of it."""
    if len(names.steps) > MAX_STEPS:
        return {"description": _MADE, **_plain_word()}
    ids, whole = _ids(names)
    if whole or not ids or not names.whole:
        return _listed(ids, _MADE, "no step", whole=names.whole)
    steps = "|".join(map(escaped, names.steps))
    listed = _listed(ids, _MADE, "no step", whole=True)
    about = {key: listed.pop(key) for key in ("description", "errorMessage")}
    return {**about, "anyOf": [listed, {"type": "string", "pattern": f"^(?:{steps})(?:@.+)?$"}]}


def _ids(names: Names) -> tuple[dict[str, str], bool]:
    """Steps and instances, and whether these are all."""
    ids: dict[str, str] = {}
    whole = True
    for step, homes in names.steps.items():
        ids[step] = ""
        keys = [names.collections.get(home) for home in homes]
        known = [each for each in keys if each is not None]
        if len(known) < len(keys) or prod(map(len, known)) + len(ids) > MAX_IDS:
            whole = False
        elif homes:
            ids |= dict.fromkeys((f"{step}@{'.'.join(each)}" for each in product(*known)), "")
    return ids, whole
