"""Which texts of a request nobody judges by their words: only their length counts, if anything.

A field is open when its own schema says no more than that it is text of some length, and when
nothing else in the model file reads its value: no other part of the schema, no rule beyond its
being given, no table of outputs, sizes, media or prices.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kinoform.spec.fields import parts
from kinoform.spec.judge import law, without_explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.spec.catalog import Model

_TEXTUAL = frozenset({"type", "minLength", "maxLength", "title", "description", "examples"})
# Rules that ask of a plain path only whether it is given.
_PRESENCE = frozenset({"together", "at-least-one", "exactly-one", "excludes", "requires"})
_PROSE = frozenset({"id", "rule", "says", "hint", "severity"})
_TABLES = ("outputs", "price", "media", "sizes")
_ANY = 1 << 30
_LEAST = 2  # characters: shorter texts are shared by the interpreter, so that none can be followed


class Opening(NamedTuple):
    """How long a text may be, in characters, and what it must not hold to be left unread."""

    least: int
    most: int
    tokens: tuple[str, ...]

    def takes(self, text: str) -> bool:
        """Whether this text is judged like any other that is taken."""
        tokens = self.tokens
        fits = self.least <= len(text) <= self.most
        return fits and not (tokens and any(token in text for token in tokens))

    def takes_all(self, values: Sequence[Any]) -> bool:
        """Whether all of these are such texts; False where that is not seen at once."""
        if self.tokens or {*map(type, values)} != {str}:
            return False
        sizes = [*map(len, values)]
        return self.least <= min(sizes) and max(sizes) <= self.most


@lru_cache(maxsize=1024)
def openings(model: Model) -> Mapping[str, Opening]:
    """The open fields of a model's request, all of the first level."""
    schema = without_explained(model)
    fields: Mapping[str, Any] = schema.get("properties", {})
    tokens: dict[str, list[str]] = {}
    read = {*law(model).withheld}
    for rule in model.table("rules"):
        if rule["rule"] == "tokens" and rule["token"].partition("{n}")[0]:
            tokens.setdefault(rule["path"], []).append(rule["token"].partition("{n}")[0])
            read.update(_words(rule["counts"]))
        else:
            read.update(_read(rule))
    rest = {key: each for key, each in schema.items() if key not in ("properties", "required")}
    read.update(_words(rest), *(_words(model.document.get(table)) for table in _TABLES))
    return {
        name: Opening(
            max(_LEAST, each.get("minLength", 0)),
            each.get("maxLength", _ANY),
            tuple(tokens.get(name, ())),
        )
        for name, each in fields.items()
        if name not in read and each.get("type") == "string" and _TEXTUAL.issuperset(each)
    }


def _read(rule: Mapping[str, Any]) -> Iterator[str]:
    """The fields whose values a rule reads."""
    for key, value in rule.items():
        if key not in _PROSE:
            yield from _conditions(value) if rule["rule"] in _PRESENCE else _words(value)


def _conditions(value: Any) -> Iterator[str]:
    """The fields in conditions on values; a plain path asks only whether something is there."""
    if isinstance(value, dict):
        yield from _words(value)
    elif isinstance(value, list):
        for item in value:
            yield from _conditions(item)


def _words(value: Any) -> Iterator[str]:
    """Every text in a tree as the field of the first level that it would name."""
    if isinstance(value, str):
        yield from parts(value)[:1]
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (*parts(key)[:1], *_words(item))
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
