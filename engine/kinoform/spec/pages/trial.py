"""The caution of the compiler: published requests try every rule and every limit.

What refuses a published request is dropped and told, as are rules that contradict each other.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kinoform.spec import jsonschemas, rules
from kinoform.spec.fields import ticked
from kinoform.spec.pages.page import Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.spec.fields import Finding
    from kinoform.spec.pages.page import Example
    from kinoform.spec.sizes import Row

Rule = dict[str, Any]

_REFUSED = "a published example breaks it"
_AGAINST = "another sentence of the page says the opposite: {}"
_TABLE = "the table of sizes"
_KEYWORDS = {
    "not-one-of": ("enum", "const"), "too-small": ("minimum",), "too-large": ("maximum",),
    "too-short": ("minLength",), "too-long": ("maxLength",), "too-few": ("minItems",),
    "too-many": ("maxItems",), "off-step": ("multipleOf",), "bad-format": ("format",),
    "wrong-type": ("type",),
}  # fmt: skip


def void(request: dict[str, Any], choices: Sequence[str]) -> tuple[dict[str, Any], list[Note]]:
    """The schema without `required` for what a sentence offers as one choice of several."""
    found = copy.deepcopy(request)
    notes = []
    for path in dict.fromkeys(choices):
        *above, name = path.split(".")
        inner = found
        for step in above:
            inner = inner["properties"].get(step, {})
        if name in inner.get("required", ()):
            inner["required"].remove(name)
            why = "a sentence of the page lets another parameter stand in for it"
            notes.append(Note(f"{path}: Required: true", why))
    return found, notes


def peace(found: Sequence[Rule]) -> tuple[list[Rule], list[Note]]:
    """The rules without those of which one demands what the other forbids."""
    lost: dict[int, Rule] = {}
    for one in found:
        for other in found:
            if one["rule"] == "requires" and other["rule"] == "excludes" and _clash(one, other):
                lost[id(one)], lost[id(other)] = other, one
    kept = [rule for rule in found if id(rule) not in lost]
    told = [rule for rule in found if id(rule) in lost]
    return kept, [Note(r["says"], _AGAINST.format(lost[id(r)]["says"])) for r in told]


def _clash(demand: Rule, ban: Rule) -> bool:
    if len(demand["needs"]) > 1 or demand.get("each") != ban.get("each"):
        return False
    need = demand["needs"][0]
    pairs = {(w, f) for w in ban["when"] for f in ban["forbids"]}
    return any((w, need) in pairs or (need, w) in pairs for w in demand["when"])


def tried(
    found: Sequence[Rule],
    examples: Sequence[Example],
    table: Sequence[Row],
    defaults: Mapping[str, Any],
) -> tuple[list[Rule], list[Note]]:
    """The rules that accept every published request, and notes on the others."""
    kept, notes = [], []
    for rule in found:
        breaks = next((e for e in examples if _broken(rule, e, table, defaults)), None)
        if breaks is None:
            kept.append(rule)
        else:
            notes.append(Note(rule.get("says", _TABLE), _REFUSED, breaks.title))
    return kept, notes


def _broken(
    rule: Rule, example: Example, table: Sequence[Row], defaults: Mapping[str, Any]
) -> bool:
    return any(True for _ in rules.check([rule], example.request, table, defaults))


def loosened(
    request: dict[str, Any], examples: Sequence[Example]
) -> tuple[dict[str, Any], list[Note]]:
    """The schema without the limits and demands that a published request breaks."""
    found = copy.deepcopy(request)
    notes: list[Note] = []
    for example in examples:
        for fault in list(jsonschemas.faults(jsonschemas.validator(found), example.request)):
            note = _loosen(found, fault, example.title)
            notes += [note] if note and note not in notes else []
    return found, notes


def _loosen(request: dict[str, Any], fault: Finding, title: str) -> Note | None:
    steps = fault.path.split(".")
    if fault.code == "missing":
        inner = _at(request, steps[:-1])
        if inner and steps[-1] in inner.get("required", ()):
            inner["required"].remove(steps[-1])
        return Note(f"{fault.path}: Required: true", _REFUSED, title)
    inner = _at(request, steps)
    lost = [key for key in _KEYWORDS.get(fault.code, ()) if inner and key in inner]
    said = ", ".join(f"{key} {inner.pop(key)}" for key in lost) if inner else ""
    return Note(f"{fault.path}: {said}", _REFUSED, title) if said else None


def _at(request: dict[str, Any], steps: Sequence[str]) -> dict[str, Any] | None:
    """The schema that a concrete path is judged by."""
    inner: Any = request
    for step in steps:
        if not isinstance(inner, dict):
            return None
        inner = inner.get("items") if step.isdigit() else inner.get("properties", {}).get(step)
    return inner if isinstance(inner, dict) else None


def left_over(
    request: Mapping[str, Any], examples: Sequence[Example]
) -> tuple[list[Example], list[str]]:
    """The examples that the schema accepts, and what stands against the others."""
    judge = jsonschemas.validator(request)
    kept: list[Example] = []
    open_: list[str] = []
    for example in examples:
        faults = list(jsonschemas.faults(judge, example.request))
        if faults:
            paths = ticked(dict.fromkeys(fault.path for fault in faults))
            open_.append(f"example {example.title}: {paths} is not among the page's parameters")
        else:
            kept.append(example)
    return kept, open_
