"""Pricing lines to price rows: tiers, sizes, lengths and bracketed conditions, by a table of words.

If one line is not understood there are no rows: a row left out could make another one wrong.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinoform.spec import sizes
from kinoform.spec.pages.conventions import sound_field
from kinoform.spec.pages.kinds import cast
from kinoform.spec.pages.page import Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.spec.pages.page import Page, PriceLine

Doc = dict[str, Any]

_PARTS = re.compile(r"\s+[\u00b7.]\s+|\s*[()]\s*")
_JOINS = re.compile(r"\s*(?:&|,|\+|/|\band\b|\bor\b|\bwith\b)\s*")
_SECONDS = re.compile(r"(\d+)\s*(?:s|sec|secs|seconds?)$", re.IGNORECASE)
_NOT = re.compile(r"(?:no|without)\s+", re.IGNORECASE)
_PER_SECOND = re.compile(r"(?:/|per)\s*s(?:ec(?:ond)?s?)?\b", re.IGNORECASE)
_PER_ONE = re.compile(r"(?:/|per)\s*(?:image|picture|video|clip|generation|run)\b", re.IGNORECASE)
_INPUTS = {
    "video input": ("inputs.video", "inputs.referenceVideos", "video", "reference_videos"),
    "reference video": ("inputs.referenceVideos", "reference_videos"),
    "image input": ("inputs.referenceImages", "inputs.frameImages", "image", "images"),
    "reference images": ("inputs.referenceImages", "images"),
}
_SOUND = ("audio", "sound", "native audio")
_SILENT = ("silent", "muted")
_RESOLUTION = "resolution"


class _NoRowError(ValueError):
    """The words of a price are not understood."""


def rows(page: Page, fields: Mapping[str, Doc], notes: list[Note], open_: list[str]) -> Doc:
    """The price table; one without rows leaves every price unknown."""
    per = _unit(page)
    if not page.prices or not per:
        lines = _said(page)
        open_.append(f"price: {'per image, second or clip? ' + lines if lines else 'none printed'}")
        return {"per": per or "result", "rows": []}
    try:
        found = _all(page, fields, notes)
    except ValueError as wrong:
        lines = _said(page)
        open_.append(f"price: {wrong} ({lines})")
        found = []
    return {"per": per, "rows": found}


def _said(page: Page) -> str:
    return "; ".join(f"{line.says}: ${line.usd} {line.unit}".strip() for line in page.prices)


def _unit(page: Page) -> str:
    """Per image, per second, or per result; by the page's words, else by what examples cost."""
    units = " ".join(line.unit for line in page.prices)
    if _PER_SECOND.search(units):
        return "second"
    if page.kind == "image":
        return "image"
    by_length = any(name == "duration" for line in page.prices for name, _ in line.at)
    if by_length or _PER_ONE.search(units):
        return "result"
    return _by_examples(page)


def _by_examples(page: Page) -> str:
    amounts = {Decimal(line.usd) for line in page.prices}
    for example in page.examples:
        seconds = example.request.get("duration")
        if not example.cost or isinstance(seconds, bool) or not isinstance(seconds, int | float):
            continue
        cost = Decimal(example.cost)
        if any(amount * Decimal(str(seconds)) == cost for amount in amounts):
            return "second"
        if cost in amounts:
            return "result"
    return ""


def _all(page: Page, fields: Mapping[str, Doc], notes: list[Note]) -> list[Doc]:
    """Rows in the order of the page, but the plainest last: the first that applies counts."""
    if len({line.usd for line in page.prices}) == 1:
        for line in page.prices:
            sides = sizes.pixels(line.says)
            if sides and page.sizes and sizes.row_of(page.sizes, *sides) is None:
                why = "the table of sizes does not offer it; every size is priced alike"
                notes.append(Note(f"Pricing: {line.says}", why))
        return [{"usd": page.prices[0].usd}]
    found = [row for line in page.prices for row in _rows(page, fields, line)]
    return sorted(found, key=lambda row: len(row) == 1)


def _rows(page: Page, fields: Mapping[str, Doc], line: PriceLine) -> list[Doc]:
    if line.at:
        return _by_columns(fields, line)
    tiers: list[str] = []
    rest: Doc = {}
    for part in (part for part in _PARTS.split(line.says) if part.strip()):
        _part(page, fields, part.strip(), (tiers, rest))
    plain = {**rest, "usd": line.usd}
    found = _tiered(page, fields, tiers, plain) if tiers else [plain]
    return [row for each in found for row in _defaulted(fields, each)]


def _by_columns(fields: Mapping[str, Doc], line: PriceLine) -> list[Doc]:
    conditions = []
    for name, text in line.at:
        if name not in fields:
            raise _NoRowError(f"{name} is no parameter")
        conditions.append({"path": name, "is": cast(text, fields[name])})
    return _defaulted(fields, {"all": conditions, "usd": line.usd})


def _defaulted(fields: Mapping[str, Doc], row: Doc) -> list[Doc]:
    """The row, and the same where a field that may be left out has that value by default."""
    found = [row]
    for each in row.get("all", ()):
        values = each["in"] if "in" in each else [each["is"]]
        if isinstance(each, dict) and fields[each["path"]].get("default", row) in values:
            found += [_without(known, each) for known in found if each in known.get("all", ())]
    return found


def _without(row: Doc, condition: Doc) -> Doc:
    rest = [each for each in row["all"] if each != condition]
    kept = {key: value for key, value in row.items() if key != "all"}
    return {**({"all": rest} if rest else {}), "none": [*row.get("none", ()), condition["path"]],
            **{k: v for k, v in kept.items() if k != "none"}}  # fmt: skip


def _tiered(page: Page, fields: Mapping[str, Doc], tiers: Sequence[str], row: Doc) -> list[Doc]:
    """By the tier of width and height, and by a field that names tiers."""
    found: list[Doc] = []
    sized = {row["tier"] for row in page.sizes}
    if "width" in fields and (of_sizes := [tier for tier in tiers if tier in sized]):
        found.append({"tier": of_sizes, "of": ["width", "height"], **row})
    values = fields.get(_RESOLUTION, {}).get("enum", ())
    folded = {tier.casefold() for tier in tiers}
    if named := [value for value in values if str(value).casefold() in folded]:
        condition = {"path": _RESOLUTION, "in": named}
        found.append({**row, "all": [*row.get("all", ()), condition]})
    if not found:
        raise _NoRowError(f"no parameter says {' or '.join(tiers)}")
    return found


def _part(page: Page, fields: Mapping[str, Doc], text: str, into: tuple[list[str], Doc]) -> None:
    """Words between dots or brackets: all tiers, else conditions one by one."""
    tiers, rest = into
    words = [word for word in _JOINS.split(text) if word]
    known = {tier.casefold(): tier for tier in _tiers(page, fields)}
    if all(word.casefold() in known for word in words):
        tiers += [known[word.casefold()] for word in words]
        return
    for word in words:
        _condition(fields, word, rest)


def _tiers(page: Page, fields: Mapping[str, Doc]) -> list[str]:
    named = [str(value) for value in fields.get(_RESOLUTION, {}).get("enum", ())]
    return [str(row["tier"]) for row in page.sizes] + named


def _condition(fields: Mapping[str, Doc], word: str, rest: Doc) -> None:
    positive = _NOT.sub("", word).casefold()
    negated = positive != word.casefold()
    if positive in _SILENT:
        positive, negated = _SOUND[0], not negated
    found = _meant(fields, positive)
    if not found:
        raise _NoRowError(f"{word} is not understood")
    if negated:
        rest["none"] = [*rest.get("none", ()), *found]
    elif len(found) == 1:
        rest["all"] = [*rest.get("all", ()), *found]
    elif "when" in rest:
        raise _NoRowError(f"{word} beside another choice")
    else:
        rest["when"] = found


def _meant(fields: Mapping[str, Doc], word: str) -> list[Any]:
    seconds = _SECONDS.match(word)
    if seconds and "duration" in fields:
        return [{"path": "duration", "is": int(seconds[1])}]
    if word in _SOUND:
        sound = sound_field(fields)
        return [{"path": sound, "is": True}] if sound else []
    return [path for path in _INPUTS.get(word, ()) if path in fields]
