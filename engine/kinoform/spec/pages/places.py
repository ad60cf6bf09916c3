"""The parameters of a model as sentences name them: in backticks or bare, `width/height` as one.

Knows paths; knows no sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.spec.pages.assembly import fields_in

if TYPE_CHECKING:
    from collections.abc import Mapping

# The page generator shortens a path below these to the bare word, so that it names anything.
BARE = ("providerSettings", "settings")
NAME = r"(?:`[^`]+`|\b(?!(?:and|or)\b)[A-Za-z][\w.]*(?:/[A-Za-z]\w*)?)"
LIST = rf"{NAME}(?:(?:,? (?:and|or) |, ){NAME})*"
_ONE = re.compile(NAME)


class UnknownNameError(ValueError):
    """A sentence names what the model does not have."""


class BareNameError(ValueError):
    """A sentence names a block of settings where it must mean one of its members."""


@dataclass(frozen=True, slots=True)
class Places:
    """Paths without list marks, each with its path pattern and its schema."""

    known: Mapping[str, tuple[str, Mapping[str, Any]]]

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Places:
        """Those of a request schema."""
        found = dict(fields_in(request))
        plain = {p.replace("[*]", ""): (p, s) for p, s in found.items() if not p.endswith("[*]")}
        return cls(plain)

    def group(self, name: str, within: str = "") -> list[str]:
        """The paths of one name: two for `width/height`. Raises UnknownNameError, BareNameError."""
        text = name.strip("`").replace("[]", "").replace("[*]", "")
        return [self._one(each, within) for each in text.split("/")]

    def _one(self, name: str, within: str) -> str:
        path = f"{within}.{name}" if within else name
        if path not in self.known:
            raise UnknownNameError(f"the model has no `{path}`")
        pattern, schema = self.known[path]
        if path.split(".")[0] in BARE and schema.get("type") == "object":
            raise BareNameError(path)
        return pattern

    def groups(self, text: str, within: str = "") -> list[list[str]]:
        """The paths of each name in a list of names."""
        return [self.group(name, within) for name in _ONE.findall(text)]

    def paths(self, text: str, within: str = "") -> list[str]:
        """The same, flat."""
        return [path for group in self.groups(text, within) for path in group]

    def schema(self, pattern: str) -> Mapping[str, Any]:
        """The schema of a path."""
        return self.known[pattern.replace("[*]", "")][1]


def either(text: str) -> bool:
    """Whether a list of names is joined by "or"."""
    return re.search(r"(?<=[`\w]),? or (?=[`\w])", text) is not None
