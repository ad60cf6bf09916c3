"""Sentences about how parameters go together, as a table: pattern to rule.

A sentence that no row fits is unknown: it is kept as it stands and never guessed at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.spec.pages import clauses
from kinoform.spec.pages.places import LIST, BareNameError, Places, UnknownNameError, either

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Rule = dict[str, Any]
_LONGEST = 1000  # characters; no sentence that means a rule is near it


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one sentence: rules, or why there are none.

    `bare` says that it names a block of settings; `choice` lists the alternatives of a sentence
    that lets a person choose between parameters.
    """

    says: str
    rules: tuple[Rule, ...] = ()
    bare: bool = False
    why: str = ""
    choice: tuple[str, ...] = ()


def _alternatives(kind: str) -> Callable[[Places, re.Match[str]], list[Rule]]:
    def build(places: Places, match: re.Match[str]) -> list[Rule]:
        return [{"rule": kind, "of": places.groups(match["names"].replace("specify ", ""))}]

    return build


def _exclude(places: Places, match: re.Match[str]) -> list[Rule]:
    within = (match.groupdict().get("within") or "").strip("`")
    left, right = (places.paths(match[side], within) for side in ("left", "right"))
    return [{"rule": "excludes", "when": left, "forbids": right}]


def _apart(places: Places, match: re.Match[str]) -> list[Rule]:
    paths = places.groups(match["names"])
    pairs = ((a, b) for n, a in enumerate(paths) for b in paths[n + 1 :])
    return [{"rule": "excludes", "when": a, "forbids": b} for a, b in pairs]


def _together(places: Places, match: re.Match[str]) -> list[Rule]:
    return [{"rule": "together", "paths": places.paths(match["names"])}]


def _when(places: Places, match: re.Match[str]) -> list[Rule]:
    if len(places.groups(match["names"])) > 1 and not either(match["names"]):
        raise UnknownNameError("conditions that must hold together are not known here")
    when = places.paths(match["names"])
    says = f"when {match['names']} is provided, "
    found = clauses.read(places, match["then"])
    return [{**rule, "when": when, "says": says + text} for rule, text in found]


def _always(places: Places, match: re.Match[str]) -> list[Rule]:
    """A limit that holds without a condition."""
    found = clauses.read(places, match["then"])
    if any(rule["rule"] in ("requires", "excludes") for rule, _ in found):
        raise UnknownNameError("a demand without a condition")
    return [{**rule, "says": text} for rule, text in found]


PATTERNS: tuple[tuple[str, re.Pattern[str], Callable[[Places, re.Match[str]], list[Rule]]], ...] = tuple(
    (name, re.compile(pattern.replace("LIST", LIST)), build)
    for name, pattern, build in (
        (
            "either",
            r"Either provide (?P<names>LIST(?:,? or specify LIST)?)",
            _alternatives("at-least-one"),
        ),
        (
            "exactly one",
            r"(?:Provide |Specify |Use )?[Ee]xactly one of:? (?P<names>LIST)(?: (?:is|must be) (?:required|provided))?",
            _alternatives("exactly-one"),
        ),
        ("together", r"(?P<names>LIST) must be used together", _together),
        ("apart", r"(?P<names>LIST) cannot be used together", _apart),
        (
            "inside",
            r"Inside (?P<within>`[^`]+`), (?P<left>LIST) cannot be used with (?P<right>LIST)",
            _exclude,
        ),
        ("excludes", r"(?P<left>LIST) cannot be used with (?P<right>LIST)", _exclude),
        ("when", r"(?:When|If) (?P<names>LIST) (?:is|are) provided, (?P<then>.+)", _when),
        ("always", r"(?P<then>.+)", _always),
    )
)  # fmt: skip


def read(places: Places, says: str) -> Read:
    """What one sentence means."""
    text = " ".join(says.split()).rstrip(".")
    for _name, pattern, build in PATTERNS if len(text) <= _LONGEST else ():
        match = pattern.fullmatch(text)
        if match:
            return _built(places, says, match, build)
    return Read(says, why="no pattern fits")


def _built(
    places: Places,
    says: str,
    match: re.Match[str],
    build: Callable[[Places, re.Match[str]], list[Rule]],
) -> Read:
    try:
        rules = [_finished(rule, match[0]) for rule in build(places, match)]
    except BareNameError:
        return Read(says, bare=True, why="the page shortens a path below it to the bare word")
    except ValueError as wrong:
        return Read(says, why=str(wrong))
    of = [path for rule in rules for group in rule.get("of", ()) for path in group]
    return Read(says, tuple(rules), choice=tuple(of))


def _finished(rule: Rule, says: str) -> Rule:
    """With its sentence and severity, and within the list that all its fields lie in."""
    whole = {**rule, "severity": "error", "says": rule.get("says", says)}
    lists = {_list_of(path) for path in clauses.paths_of(rule)}
    if lists == {""}:
        return whole
    if len(lists) > 1:
        raise UnknownNameError("it joins the members of a list with what lies outside it")
    (each,) = lists
    return {**clauses.mapped(whole, lambda path: path.removeprefix(f"{each}[*].")), "each": each}


def _list_of(path: str) -> str:
    return path.rpartition("[*].")[0]


def named(rules: Sequence[Rule]) -> list[Rule]:
    """The same rules, each with an id of its own that says what it is about."""
    seen: dict[str, int] = {}
    found = []
    for rule in rules:
        name = _slug(rule)
        seen[name] = seen.get(name, 0) + 1
        found.append({"id": name if seen[name] == 1 else f"{name}-{seen[name]}", **rule})
    return found


_FORMS = {
    "at-least-one": "{of}", "exactly-one": "one-of-{of}", "together": "{paths}-together",
    "pairs": "size-table", "excludes": "{when}-without-{forbids}", "requires": "{when}-needs-{needs}",
    "among": "values-of-{path}", "between": "range-of-{path}", "at-most": "most-{path}",
    "at-least": "least-{path}", "by-size": "{path}-by-size",
}  # fmt: skip
_SIZE = ["width", "height"]


def _slug(rule: Rule) -> str:
    parts = {
        "of": "-or-".join(_short(group) for group in rule.get("of", ())),
        "paths": _short(rule.get("paths", ())),
        "when": _short(rule.get("when", ())),
        "forbids": _short(rule.get("forbids", ())),
        "needs": _short(rule.get("needs", ())),
        "path": _short([rule["path"]] if "path" in rule else ()),
    }
    text = _FORMS[rule["rule"]].format(**parts)
    if "when" in rule and "{when}" not in _FORMS[rule["rule"]]:
        text += f"-with-{parts['when']}"
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower())


def _short(paths: Sequence[Any]) -> str:
    if list(paths) == _SIZE:
        return "size"
    return "-or-".join(str(path).replace("[*]", "").rsplit(".", 1)[-1] for path in paths)
