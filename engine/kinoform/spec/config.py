"""Reads the user's settings file into a checked tree with places.

Knows the published schema of that file, and no variable, account or folder. A text that stands in
the wrong place may be a key, so no message repeats one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Problem, SpecError, in_order
from kinoform.core.secret import HIDDEN
from kinoform.spec.shape import Shape
from kinoform.spec.source import read_source
from kinoform.spec.tree import Map, Source, root_of
from kinoform.spec.wording import problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.spec.wording import Fault

MAX_BYTES = 1_000_000
_SHOWN = 12  # characters of a text that no key is as short as
_LONG = r"[A-Za-z0-9_+/=~-]{20,}"
_KEYS = frozenset({"key", "api_key", "apikey", "secret", "token", "password"})


def load(name: str, data: bytes, schema: Mapping[str, Any]) -> Map:
    """The settings in a file called `name` in messages; an empty file holds none.

    `schema` is the published one (`schemas/config.json`), parsed. Raises SpecError with every fault.
    """
    source = Source(name, data)
    if len(data) > MAX_BYTES:
        said = f"settings have at most {MAX_BYTES:,} bytes"
        raise SpecError(Problem("file-too-large", said, root_of(None, name)))
    try:
        tree = read_source(source)
    except SpecError as error:
        raise SpecError(map(_veiled, error.problems)) from None
    if tree is None:
        return Map(source, 0)
    if not isinstance(tree, Map):
        said, hint = "a map of settings is wanted", "begin with `providers:` or `budget:`"
        raise SpecError(Problem("wrong-type", said, root_of(tree, name), hint))
    found = [_said(tree, fault) for fault in Shape(schema).faults(tree)]
    if found:
        raise SpecError(in_order(map(_veiled, found)))
    return tree


def _said(tree: Map, fault: Fault) -> Problem:
    value = fault.value
    hidden = HIDDEN if isinstance(value, str) and len(value) > _SHOWN else value
    made = problem(tree, fault._replace(value=hidden))
    if fault.keyword == "additionalProperties" and fault.key.lower() in _KEYS:
        message = "a key does not stand in the settings: such files are copied and shared"
        hint = "put it in a file of its own and name that with `key_file`"
        return replace(made, code="key-in-config", message=message, hint=hint)
    return made


def _veiled(found: Problem) -> Problem:
    message, hint, path = (
        re.sub(_LONG, HIDDEN, t) for t in (found.message, found.hint, found.path)
    )
    return replace(found, message=message, hint=hint, path=path)
