"""Portable names to the wire and back, by the `portable` table of a model file.

Given values are evaluated already and may hold media leaves and late values. Nothing is judged
here but what the translation itself cannot express: the judge sees the wire request that results.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError
from kinoform.core.types import Late
from kinoform.spec import leaves, sizes
from kinoform.spec.brief import to_brief
from kinoform.spec.fields import LEAVES, MISSING, Finding, dotted, get, matches, parts, put, ticked
from kinoform.spec.judge import law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.core.types import Facts, Ref
    from kinoform.spec.catalog import Model

__all__ = ["Wire", "to_brief", "to_wire"]


_TICKED = r"`([^`]+)`"
_LISTED = r"`[^`]+`(?:, `[^`]+`)*(?: (and|or) `[^`]+`)?"
# Codes that say that something is not there.
_ABSENCES = ("missing", "together", "at-least-one", "exactly-one", "requires")


@dataclass(frozen=True, slots=True)
class Wire:
    """What a step sends: content and technical parameters, without constants.

    `origin` maps a wire path to what the user wrote there, where the two differ. The paths of
    `problems` are the user's. `refused` are wire paths that stay empty because of one of them.
    """

    params: dict[str, Any]
    origin: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()
    refused: frozenset[str] = frozenset()

    def written(self, path: str) -> str:
        """The user's own path for a wire path, or for several joined by ", "."""
        said = [_written(self.origin, each) for each in path.split(", ")]
        return ", ".join(dict.fromkeys(", ".join(said).split(", ")))

    def follows(self, finding: Finding) -> bool:
        """Whether it only says that something refused already is not there."""
        absent = finding.code in _ABSENCES
        return absent and not self.refused.isdisjoint(finding.path.split(", "))

    def said(self, finding: Finding) -> Finding:
        """The finding at the user's own path, in the names that the user wrote.

        A rule stays in the page's own terms; what the user wrote is said after it.
        """
        path = self.written(finding.path)
        if finding.rule:
            return replace(finding, path=path, message=self._after_rule(finding))
        message = finding.message
        if message.startswith(f"{finding.path} "):
            message = path + message[len(finding.path) :]
        return replace(finding, path=path, message=self._named(message))

    def _after_rule(self, finding: Finding) -> str:
        rule = finding.message.removesuffix(finding.seen)
        seen = self._named(finding.seen)
        names: dict[str, list[str]] = {}
        for wire in finding.path.split(", "):
            user = self.written(wire)
            if user != wire and f"`{wire}`" in rule and f"`{user}`" not in rule + seen:
                names.setdefault(user, []).append(wire)
        told = (f"`{user}` sets {ticked(wires)}" for user, wires in names.items())
        return "; ".join(text for text in (rule + seen, ", ".join(told)) if text)

    def _named(self, text: str) -> str:
        """The text with every wire path in ticks as the user wrote it; a list names each once."""

        def written(match: re.Match[str]) -> str:
            paths = re.findall(_TICKED, match[0])
            users = [user for path in paths for user in self.written(path).split(", ")]
            return ticked(dict.fromkeys(users), match[1] or "and")

        return re.sub(_LISTED, written, text)


def _written(origin: Mapping[str, str], path: str) -> str:
    steps = parts(path)
    for end in range(len(steps), 0, -1):
        found = origin.get(dotted(steps[:end]))
        if found is not None:
            return dotted((found, *steps[end:]))
    below = [user for wire, user in origin.items() if wire.startswith(f"{path}.")]
    native = any(user.startswith(f"{path}.") for user in below)
    return path if native else ", ".join(dict.fromkeys(below)) or path


@dataclass(slots=True)
class _WireBuilder:
    """A wire request in the making."""

    model: Model
    params: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    # Wire fields that a portable name has filled, with the names that did.
    filled: dict[str, list[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def refuse(self, code: str, path: str, message: str, hint: str = "") -> None:
        self.problems.append(Finding(code, "error", path, message, hint))


def to_wire(model: Model, given: Mapping[str, Any]) -> Wire:
    """The wire request that a step's `with` means: native names as they are, portable ones placed.

    Values of none are dropped, and containers that are empty for it. Text at a media field becomes
    a leaf. Both spellings of one request give equal params.
    """
    builder, table = _WireBuilder(model), model.table("portable")
    named: dict[str, Any] = {}
    for name, value in given.items():
        if name in law(model).withheld:
            _withhold(builder, name, given=value)
        elif name in table:
            named[name] = value
        else:
            _native(builder, name, value)
    for name, row in table.items():
        if name in named:
            _place(builder, name, row, named[name])
    _read_media(builder)
    return Wire(builder.params, builder.origin, tuple(builder.problems), frozenset(builder.refused))


def _withhold(builder: _WireBuilder, name: str, *, given: Any) -> None:
    if given is None:
        return
    kind = law(builder.model).withheld[name]
    said = f"`{name}` is a {kind} parameter: kinoform sets it itself"
    builder.refuse("not-yours-to-set", name, said, "leave it out")


def _native(builder: _WireBuilder, name: str, value: Any) -> None:
    kept = _pruned(builder, value, (name,), (name,))
    if kept is not MISSING:
        builder.params[name] = kept


def _pruned(
    builder: _WireBuilder, value: Any, wire: tuple[str | int, ...], user: tuple[str | int, ...]
) -> Any:
    """A copy without nones, MISSING if nothing is left; notes where an index has moved."""
    if value is None:
        return MISSING
    if wire[-1] != user[-1]:
        builder.origin[dotted(wire)] = dotted(user)
    if isinstance(value, dict) and value:
        pairs = ((k, _pruned(builder, v, (*wire, k), (*user, k))) for k, v in value.items())
        return {k: v for k, v in pairs if v is not MISSING} or MISSING
    if isinstance(value, list | tuple) and value:
        kept: list[Any] = []
        for index, item in enumerate(value):
            if len(kept) == index and isinstance(item, LEAVES):  # what long lists are made of
                kept.append(item)
                continue
            one = _pruned(builder, item, (*wire, len(kept)), (*user, index))
            kept += [] if one is MISSING else [one]
        return kept or MISSING
    return list(value) if isinstance(value, tuple) else value


def _place(builder: _WireBuilder, name: str, row: Mapping[str, Any], value: Any) -> None:
    if value is None:
        return
    for target in _targets(row):
        if get(builder.params, target) is not MISSING and target not in builder.filled:
            said = f"`{name}` and `{target}` say the same thing twice"
            builder.refuse("said-twice", f"{name}, {target}", said, f"keep `{name}` or `{target}`")
            if row.get("as") in ("list", "item"):
                return
            # Placed all the same: half a size would only be refused once more.
            break
    _WAYS[row.get("as", "value")](builder, name, row, value)


def _targets(row: Mapping[str, Any]) -> Sequence[str]:
    to = row["to"]
    return [to] if isinstance(to, str) else list(to)


def _put(builder: _WireBuilder, name: str, target: str, value: Any) -> None:
    if not put(builder.params, target, value):
        above = parts(target)[0]
        said = f"`{name}` goes into `{target}`, but `{above}` is given as one value"
        builder.refuse("said-twice", f"{name}, {above}", said, f"write `{above}` as a mapping")
        return
    builder.filled.setdefault(target, []).append(name)
    names = ", ".join(builder.filled[target])
    if names != target:
        builder.origin[target] = names


def _value(builder: _WireBuilder, name: str, row: Mapping[str, Any], value: Any) -> None:
    kept = _pruned(builder, value, parts(row["to"]), (name,))
    if kept is not MISSING:
        _put(builder, name, row["to"], kept)


def _list(builder: _WireBuilder, name: str, row: Mapping[str, Any], value: Any) -> None:
    """One value or a list of them, after what stands there already."""
    whole, target = isinstance(value, list | tuple), row["to"]
    found = _held(builder, target)
    before = len(found)
    for index, item in enumerate(value if whole else [value]):
        user: tuple[str | int, ...] = (name, index) if whole else (name,)
        wire: tuple[str | int, ...] = (*parts(target), len(found))
        one = _pruned(builder, item, wire, user)
        if one is not MISSING:
            builder.origin[dotted(wire)] = dotted(user)
            found.append(_renamed(builder, one, row.get("keys", {}), (wire, user)))
    if len(found) > before or (whole and not value):
        _put(builder, name, target, found)


def _held(builder: _WireBuilder, target: str) -> list[Any]:
    found = get(builder.params, target)
    return list(found) if isinstance(found, list) else []


def _renamed(
    builder: _WireBuilder,
    item: Any,
    keys: Mapping[str, str],
    at: tuple[Sequence[Any], Sequence[Any]],
) -> Any:
    """A mapping with its portable keys as wire keys."""
    if not isinstance(item, dict):
        return item
    for key in item.keys() & keys.keys():
        builder.origin[dotted((*at[0], keys[key]))] = dotted((*at[1], key))
    return {keys.get(key, key): value for key, value in item.items()}


def _item(builder: _WireBuilder, name: str, row: Mapping[str, Any], value: Any) -> None:
    """One more item of a list: the value under one key, beside marks that say what it is."""
    found = _held(builder, row["to"])
    at = f"{row['to']}.{len(found)}"
    _put(builder, name, row["to"], [*found, {row["under"]: value, **row["mark"]}])
    builder.origin[at] = builder.origin[f"{at}.{row['under']}"] = name


def _size(builder: _WireBuilder, name: str, row: Mapping[str, Any], value: Any) -> None:
    table = builder.model.document["sizes"]
    if isinstance(value, Late):
        for target, column in row["to"].items():
            _put(builder, name, target, _late_column(value, table, column))
        return
    try:
        found = sizes.read(value, table)
        columns = {target: _column(found, column, table) for target, column in row["to"].items()}
    except sizes.NoSizeError as wrong:
        code, message, hint = wrong.args
        builder.refuse(code, name, message, hint)
        builder.refused.update(row["to"])
        return
    for target, each in columns.items():
        _put(builder, name, target, each)


def _column(row: sizes.Row, column: str, table: Sequence[sizes.Row]) -> Any:
    """A column of the row; pixels that no row has have no tier and no ratio to give."""
    if row.get(column) is not None:
        return row[column]
    if row.get("width") is None:
        raise sizes.NoSizeError("bad-size", f"{row['tier']} {row['ratio']} has no pixels", "")
    said = sizes.not_offered(table, row["width"], row["height"])
    raise sizes.NoSizeError("not-offered", said, "")


def _late_column(late: Late, table: Sequence[sizes.Row], column: str) -> Late:
    def value(facts: Mapping[Ref, Facts]) -> Any:
        try:
            return _column(sizes.read(late.value(facts), table), column, table)
        except sizes.NoSizeError as wrong:
            code, message, hint = wrong.args
            raise SpecError(Problem(code, message, hint=hint, path="size")) from None

    return Late(late.refs, value)


_WAYS: dict[str, Callable[[_WireBuilder, str, Mapping[str, Any], Any], None]] = {
    "value": _value,
    "list": _list,
    "item": _item,
    "size": _size,
}


def _read_media(builder: _WireBuilder) -> None:
    """Text at a media field becomes what it names."""
    for path, rule in builder.model.table("media").items():
        texts = [(at, v) for at, v in matches(builder.params, path) if isinstance(v, str)]
        for at, value in texts:
            leaf = leaves.read(value, rule["forms"])
            _replace(builder.params, at, leaf.value)
            if leaf.code:
                user = _written(builder.origin, dotted(at))
                builder.refuse(leaf.code, user, f"{user}: {leaf.message}", leaf.hint)


def _replace(data: Any, at: Sequence[str | int], value: Any) -> None:
    for step in at[:-1]:
        data = data[step]
    data[at[-1]] = value
