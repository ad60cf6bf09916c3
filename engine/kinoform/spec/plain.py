"""Templates that only name values, evaluated without Jinja: `{{ shot.does }}`, `${{ out['a-1'] }}`.

Nearly all leaves of a film are such. Whatever is not plain, or does not end well, is Jinja's: it
says the same for plain templates, slower, and it has the words for what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.spec.bounds import joined
from kinoform.spec.speech import Speaks, TemplateFault, as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    Quick: TypeAlias = Callable[[Mapping[str, Any]], Any]

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_KEY = r"""'[^'\\{}\n]*'|"[^"\\{}\n]*\""""
_CHAIN = rf"\{{\{{ *({_NAME}(?:\.{_NAME}|\[(?:{_KEY})\])*) *\}}\}}"
_INSIDE = re.compile(_CHAIN)
_WHOLE = re.compile(rf"\$(?:{_CHAIN})")
_OPENED = ("${{ out['", '${{ out["')
_LINK = re.compile(rf"\.({_NAME})|\[({_KEY})\]")
_OTHER = re.compile(r"\{[{%#]|\r")
# Words of Jinja's own, which no context can give another meaning.
_WORDS = frozenset(
    (
        *("and", "else", "if", "in", "is", "not", "or", "true", "false", "none", "True", "False"),
        *("None", "self", "super", "loop", "caller", "varargs", "kwargs"),
    )
)


class Unsure(Exception):  # noqa: N818  (not a fault: the answer is Jinja's)
    """A plain template met something that Jinja has the words for."""


def plain(text: str) -> Quick | None:
    """What evaluates a plain template in a context; None for any other text.

    It raises Unsure, or whatever the values that it names raise: a TemplateFault with its line.
    """
    found = pieces(text)
    if found is None:
        return None
    whole, split = found
    parts = [
        part if isinstance(part, str) else part.value if whole else part.text for part in split
    ]
    if len(parts) == 1 and not isinstance(only := parts[0], str):
        return only if whole else lambda context: str(only(context))
    return lambda context: joined([p if isinstance(p, str) else p(context) for p in parts])


def step_in(text: str) -> str:
    """The step that `${{ out.still }}` or `${{ out['still-1'] }}` takes whole; "" for other texts."""
    if text[:8] == "${{ out." and text[-3:] == " }}":
        name = text[8:-3]
        return name if name.isidentifier() and name.isascii() else ""
    if text[:9] in _OPENED and text[-5:] == f"{text[8]}] }}}}":
        name = text[9:-5]
        return name if name.replace("-", "").replace("_", "").isalnum() else ""
    return ""


def pieces(text: str) -> tuple[bool, list[str | Chain]] | None:
    """A plain template taken apart, and whether it is one value as a whole, which keeps its type."""
    whole = _WHOLE.fullmatch(text.strip())
    if whole:
        chain = Chain(whole[1], 1)
        return None if chain.root in _WORDS else (True, [chain])
    split = _INSIDE.split(text)
    if text.endswith("\n") or any(map(_OTHER.search, split[::2])) or "${{" in text:
        return None
    lines = accumulate((piece.count("\n") for piece in split), initial=1)
    parts = [
        Chain(piece, line) if n % 2 else piece
        for n, (piece, line) in enumerate(zip(split, lines, strict=False))
        if n % 2 or piece
    ]
    roots = {part.root for part in parts if isinstance(part, Chain)}
    return (False, parts) if _WORDS.isdisjoint(roots) else None


class Chain:
    """A root name, and what is looked up from there, link by link; `line` is its own, from 1."""

    def __init__(self, text: str, line: int) -> None:
        first = _LINK.search(text)
        self.root = text[: first.start()] if first else text
        # Whether the link is a name after a dot, and the name or key.
        self.links = [(bool(dot), dot or key[1:-1]) for dot, key in _LINK.findall(text)]
        self._line = line

    def value(self, context: Mapping[str, Any]) -> Any:
        """What it leads to."""
        try:
            return self.follow(context[self.root])
        except KeyError:
            raise Unsure from None

    def follow(self, found: Any) -> Any:
        """What it leads to from its root. Raises KeyError as well."""
        try:
            for is_name, name in self.links:
                if isinstance(found, Speaks):
                    found = found.get(name) if is_name else found.item(name)
                elif isinstance(found, Mapping):
                    found = found[name]
                elif found is not None:  # of which everything is none
                    raise Unsure
        except TemplateFault as fault:
            fault.line = self._line
            raise
        return found

    def text(self, context: Mapping[str, Any]) -> Any:
        """The same as text."""
        found = self.value(context)
        try:
            return as_text(found)
        except TemplateFault as fault:
            fault.line = self._line
            raise
