"""The text of a Runware page's HTML: it has lost what a compiler needs, so it is refused by a list.

Knows only how to tell what is missing.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from kinoform.core.errors import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CODE = "page-incomplete"
_TYPED = re.compile(
    r"(?:string|integer|float|boolean|object|array of \w+)\b.*-$|(?:string|integer|object) -$"
)
_VALUES = re.compile(r"Allowed values (\d+) values?$")
_NAME = re.compile(r"[\w\u00bb]+$")
_ARROW = "\u00bb"
_WHOLE = (
    ("the table of sizes", "dimension combinations"),
    ("the prices", "$"),
    ("the rules between parameters", "cannot be used with"),
)


def is_page(text: str) -> bool:
    """Whether the text is that of such a page."""
    return "Platform-level options for task execution" in text and "value: " in text


def read(text: str) -> NoReturn:
    """Raises SpecError with everything that this form has lost."""
    lines = [line.strip() for line in text.splitlines()]
    found = [
        Problem(
            _CODE,
            "this is the text of the page's HTML, which has lost what a model file needs",
            hint="save the page in its Markdown form (its address with .md) and import that",
        )
    ]
    found += [
        Problem(_CODE, f"{what} did not survive") for what, mark in _WHOLE if mark not in text
    ]
    found += [*_values(lines), *_untyped(lines)]
    raise SpecError(found)


def _values(lines: Sequence[str]) -> Iterator[Problem]:
    """Parameters of which only the number of allowed values is left."""
    name = ""
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if _NAME.match(line) and _TYPED.match(after):
            name = _path(line)
        elif match := _VALUES.match(line):
            said = f"its {match[1]} allowed values are only counted"
            yield Problem(
                _CODE,
                said.replace("its 1 allowed values are", "its one allowed value is"),
                path=name,
            )


def _untyped(lines: Sequence[str]) -> Iterator[Problem]:
    """Rows whose name and type are gone, so that the description follows the mark at once."""
    for mark, after in pairwise(lines):
        if mark == "-" and after.endswith(".") and after.startswith(("Width ", "Height ")):
            name = after.split()[0].lower()
            yield Problem(_CODE, "its type and limits are gone", path=name)


def _path(line: str) -> str:
    """`safety»modemode` as safety.mode: the name is printed twice at the end."""
    *above, name = line.split(_ARROW)
    half = name[: len(name) // 2]
    return ".".join([*above, half if half * 2 == name else name])
