"""What follows "When A is provided,": one or more demands, as a table of clause to rule.

Every clause is matched from where the one before it ended; all of the text must be used up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kinoform.spec import sizes
from kinoform.spec.pages.kinds import cast, number
from kinoform.spec.pages.places import LIST, NAME, Places, either

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Rule = dict[str, Any]
_VALUES = r"`[^`]+`(?:(?:,? (?:and|or) |, )`[^`]+`)*"
_VALUE = r"(?:`[^`]+`|-?\d+(?:\.\d+)?)"
_JOIN = re.compile(r",? and |, | ?; ")


def _needs(places: Places, match: re.Match[str]) -> list[Rule]:
    groups = places.groups(match["names"])
    if either(match["names"]):
        return [{"rule": "requires", "needs": [path for group in groups for path in group]}]
    return [{"rule": "requires", "needs": group} for group in groups]


def _forbids(places: Places, match: re.Match[str]) -> list[Rule]:
    return [{"rule": "excludes", "forbids": places.paths(match["names"])}]


def _items(kind: str, key: str) -> Callable[[Places, re.Match[str]], list[Rule]]:
    def build(places: Places, match: re.Match[str]) -> list[Rule]:
        count = int(match["value"].strip("`"))
        return [{"rule": kind, "path": path, key: count} for path in places.paths(match["name"])]

    return build


def _range(places: Places, match: re.Match[str]) -> list[Rule]:
    low, high = (number(match[side].strip("`")) for side in ("low", "high"))
    paths = places.paths(match["name"])
    return [{"rule": "between", "path": path, "min": low, "max": high} for path in paths]


def _among(places: Places, match: re.Match[str]) -> list[Rule]:
    values = re.findall(r"`([^`]+)`", match["values"])
    return [
        {"rule": "among", "path": path, "in": [cast(v, places.schema(path)) for v in values]}
        for path in places.paths(match["name"])
    ]


def _dimensions(places: Places, match: re.Match[str]) -> list[Rule]:
    pairs = [sizes.pixels(text) for text in re.findall(r"`([^`]+)`", match["values"])]
    only = [list(pair) for pair in pairs if pair]
    if len(only) < len(pairs):
        raise ValueError("a size has no width and height")
    return [{"rule": "pairs", "paths": places.group("width/height"), "only": only}]


CLAUSES: tuple[tuple[re.Pattern[str], Callable[[Places, re.Match[str]], list[Rule]]], ...] = tuple(
    (re.compile(pattern.replace("LIST", LIST).replace("NAME", NAME)), build)
    for pattern, build in (
        (r"dimensions (?:are limited to|must be) (?P<values>VALUES)", _dimensions),
        (
            r"(?P<name>NAME) (?:is|are) limited to (?P<value>`\d+`|\d+) items?",
            _items("at-most", "max"),
        ),
        (
            r"(?P<name>NAME) requires? at least (?P<value>`\d+`|\d+) items?",
            _items("at-least", "min"),
        ),
        (r"(?P<name>NAME) must be between (?P<low>VALUE) and (?P<high>VALUE)", _range),
        (
            r"(?P<name>NAME) (?:(?:is|are) limited to|must be|must be one of) (?P<values>VALUES)",
            _among,
        ),
        (r"(?P<names>LIST) (?:is|are) required", _needs),
        (r"(?P<names>LIST) cannot be used", _forbids),
    )
    for pattern in [pattern.replace("VALUES", _VALUES).replace("VALUE", _VALUE)]
)  # fmt: skip


def read(places: Places, text: str) -> list[tuple[Rule, str]]:
    """Each demand with its own words. Raises ValueError for words that are none."""
    found: list[tuple[Rule, str]] = []
    at = 0
    while at < len(text):
        match, build = _first(text, at)
        found += [(rule, match[0]) for rule in build(places, match)]
        at = match.end()
        join = _JOIN.match(text, at)
        at = join.end() if join else at
    return found


def _first(
    text: str, at: int
) -> tuple[re.Match[str], Callable[[Places, re.Match[str]], list[Rule]]]:
    for pattern, build in CLAUSES:
        match = pattern.match(text, at)
        if match and (match.end() == len(text) or _JOIN.match(text, match.end())):
            return match, build
    raise ValueError("no pattern fits")


def paths_of(rule: Rule) -> Iterator[str]:
    """Every path that a rule names."""
    yield from (path for group in rule.get("of", ()) for path in group)
    for key in ("when", "forbids", "needs", "paths"):
        yield from rule.get(key, ())
    if "path" in rule:
        yield rule["path"]


def mapped(rule: Rule, change: Callable[[str], str]) -> Rule:
    """The rule with every path changed."""
    found = dict(rule)
    for key in ("when", "forbids", "needs", "paths"):
        if key in rule:
            found[key] = [change(path) for path in rule[key]]
    if "of" in rule:
        found["of"] = [[change(path) for path in group] for group in rule["of"]]
    if "path" in rule:
        found["path"] = change(rule["path"])
    return found
