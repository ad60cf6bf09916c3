"""Variables, aliases and ceilings under a profile and `--var`: typed by what the file says.

The command line beats the profile, the profile beats the file; nothing new can appear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec.names import did_you_mean, identifier_fault
from kinoform.spec.scalars import NumberError, cell, plain
from kinoform.spec.tree import Map, shown, where, where_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.spec.blocks import Blocks
    from kinoform.spec.loading import Loading

_BLOCKS = ("vars", "models", "budget")
_NAMED = (
    ("vars", "variable", "unknown-variable"),
    ("models", "model alias", "unknown-alias"),
)
_NOUNS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Map: "a map",
    list: "a list",
}


def settle(
    loading: Loading, blocks: Blocks, profile: str, given: Mapping[str, str]
) -> tuple[Map, Map, Map]:
    """The vars, models and budget that hold; every profile is checked, one is applied."""
    base = {name: blocks.map(name) for name in _BLOCKS}
    for name in base["vars"]:
        fault = identifier_fault(name)
        if fault:
            message = f"the variable {shown(name)} {fault}"
            loading.add("bad-name", message, where_key(base["vars"], [name]), "", f"vars.{name}")
    profiles = blocks.map("profiles")
    for name, change in profiles.items():
        if isinstance(change, Map):
            _check_profile(loading, base, change, f"profiles.{name}")
    chosen = profiles.get(profile) if profile else None
    if profile and profile not in profiles:
        hint = did_you_mean(profile, profiles)
        loading.add("unknown-profile", f"there is no profile {shown(profile)}", None, hint)
    merged = {name: _under(base[name], chosen, name) for name in _BLOCKS}
    return _with_given(loading, merged["vars"], given), merged["models"], merged["budget"]


def _under(base: Map, chosen: Any, block: str) -> Map:
    change = chosen.get(block) if isinstance(chosen, Map) else None
    return overlay(base, change) if isinstance(change, Map) else base


def overlay(base: Map, change: Map) -> Map:
    """Both maps as one, maps inside maps merged too; every value keeps its place."""
    merged = Map(base.source, base.offset)
    for key in base:
        merged.take(key, base)
    for key, value in change.items():
        merged.take(key, change)
        old = base.get(key)
        if isinstance(old, Map) and isinstance(value, Map):
            merged[key] = overlay(old, value)
    return merged


def _check_profile(loading: Loading, base: Mapping[str, Map], change: Map, path: str) -> None:
    for block, noun, code in _NAMED:
        known, values = base[block], change.get(block)
        if not isinstance(values, Map):
            continue
        for name in values:
            spot = f"{path}.{block}.{name}"
            if name in known:
                _CHECKS[block](loading, known[name], values, name, spot)
                continue
            message = f"there is no {noun} {shown(name)} in this file"
            at = where_key(values, [name])
            loading.add(code, message, at, did_you_mean(name, known), spot)


def _check_type(loading: Loading, default: Any, values: Map, name: str, spot: str) -> None:
    if not _fits(default, values[name]):
        message = f"{shown(values[name])} is given, {_noun(default)} is wanted"
        hint = f"the type of `{name}` is that of its value in `vars`"
        loading.add("wrong-type", message, where(values, [name]), hint, spot)


def _check_choice(loading: Loading, old: Any, values: Map, name: str, spot: str) -> None:
    new = values[name]
    if isinstance(new, Map) and "any" not in new and not isinstance(old, Map):
        message = f"`{name}` is one model; a preference needs several"
        loading.add("missing-key", message, where_key(values, [name]), "add `any: [...]`", spot)


_CHECKS = {"vars": _check_type, "models": _check_choice}


def _with_given(loading: Loading, variables: Map, given: Mapping[str, str]) -> Map:
    if not given:
        return variables
    merged = overlay(variables, Map(variables.source, variables.offset))
    for name, text in given.items():
        if name not in variables:
            message = f"--var {shown(name)}: there is no such variable"
            loading.add("unknown-variable", message, None, did_you_mean(name, variables))
            continue
        value = _typed(variables[name], text)
        if value is _UNFIT:
            message = (
                f"--var {shown(name)}: {shown(text)} is given, {_noun(variables[name])} is wanted"
            )
            loading.add("wrong-type", message, where(variables, [name]), "", f"vars.{name}")
        else:
            merged[name] = value
    return merged


_UNFIT = object()


def _typed(default: Any, text: str) -> Any:
    """The text of a command line as a value of the default's type, else _UNFIT."""
    if _is_open(default):
        return cell(text)
    if isinstance(default, str):
        return text
    try:
        value = plain(text)
    except NumberError:
        return _UNFIT
    if isinstance(default, dict | list) or isinstance(value, str) or not _fits(default, value):
        return _UNFIT
    return float(value) if isinstance(default, float) and value is not None else value


def _is_open(value: Any) -> bool:
    """Whether the type of a value is not known before it is evaluated."""
    return value is None or (isinstance(value, str) and value.lstrip().startswith("${{"))


def _fits(default: Any, value: Any) -> bool:
    if _is_open(default) or (isinstance(value, str) and _is_open(value)):
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    kinds = (int, str, dict, list)
    return any(isinstance(default, kind) and isinstance(value, kind) for kind in kinds)


def _noun(value: Any) -> str:
    return next((noun for kind, noun in _NOUNS.items() if isinstance(value, kind)), "a value")
