"""What names may look like, so that they can be file names, addresses and words of a template.

Knows no file: functions say what is wrong with a name, callers say where it stands.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from kinoform.spec.tree import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_LISTED = 8  # as many names as a line can hold
MAX_NAME = 60
NAME_HINT = "use letters, digits, - and _"
FORBIDDEN = '@.,/\\:*?"<>|+#'
FRAMES = frozenset({"first_frame", "last_frame", "frame"})
FIELDS = frozenset({"key", "prev", "next", "index"})
# An item `from` would make its collection look like `{from: FILE}`.
ITEM_WORDS = FRAMES | {"from"}
# `out/draft/` holds what drafts show.
STEP_WORDS = FRAMES | {"draft"}
ROOTS = frozenset({"out", "vars", "models", "characters", "styles", "shots", "data"})

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"]
)
_JINJA = frozenset(
    re.findall(
        r"\w+",
        "and or not in is if else elif endif for endfor set block extends include import macro "
        "call filter with true false none loop self super varargs kwargs caller range dict",
    )
)
# Blanks, controls, and the signs that turn the direction of writing.
_BAD = (
    f"[{re.escape(FORBIDDEN)}\\s\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff"
    "\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]"
)
# A comparison takes 10 us, and a file may have a thousand faults over thousands of names.
_MOST_CANDIDATES = 1_000
_MOST_COMPARED = 50


def name_fault(name: str, reserved: frozenset[str] = frozenset()) -> str:
    """What is wrong with the name of an item or a step, as the end of a sentence; "" if nothing."""
    low = name.lower() if name.isascii() and len(name) <= MAX_NAME else ""
    is_plain = low.replace("-", "").replace("_", "").isalnum()
    if is_plain and low not in _DEVICES and low not in reserved:
        return ""
    if not name:
        return "is empty"
    if len(name.encode("utf-8", "replace")) > MAX_NAME:
        return f"is longer than {MAX_NAME} bytes"
    bad = None if name.isalnum() else re.search(_BAD, name)
    if bad:
        sign = bad.group()
        return f"holds {shown(sign) if sign in FORBIDDEN else 'a blank or hidden character'}"
    if name.casefold() in _DEVICES:
        return "is the name of a device on Windows"
    return "is a word with a meaning of its own" if name.casefold() in reserved else ""


def all_sound(names: Collection[str], reserved: frozenset[str] = frozenset()) -> bool:
    """Whether nothing is wrong with these names, and no two fold to one; False where in doubt."""
    low = [*map(str.lower, names)]
    text, known = "".join(low).replace("-", "").replace("_", ""), {*low}
    is_plain = text.isascii() and text.isalnum() and "" not in known
    fit = is_plain and max(map(len, low)) <= MAX_NAME and len(known) == len(low)
    return fit and known.isdisjoint(_DEVICES | reserved)


def identifier_fault(name: str, reserved: frozenset[str] = frozenset()) -> str:
    """What is wrong with the name of a variable; "" if nothing."""
    if not name.isidentifier():
        return "is no plain word: letters, digits and _ that do not begin with a digit"
    if keyword.iskeyword(name) or name in _JINJA or name in reserved or name.startswith("__"):
        return "is a word with a meaning of its own"
    return ""


def folded(name: str) -> str:
    """What must differ between two names, so that no file system takes them for one."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def near(name: str, candidates: Iterable[str]) -> str:
    """The candidate that was probably meant, or ""."""
    short = name[:MAX_NAME]
    known = (
        candidates if isinstance(candidates, Mapping) else frozenset(candidates := [*candidates])
    )
    names = list(islice(candidates, _MOST_CANDIDATES))
    slip = next((c for c in _slips(short) if c in known), "")
    if slip and len(names) > _MOST_COMPARED:
        return slip
    if len(names) > _MOST_COMPARED:
        names.sort(key=lambda c: (c[:1] != short[:1], abs(len(c) - len(short))))
    same = next((c for c in names if c.casefold() == short.casefold()), "")
    found = [same] if same else get_close_matches(short, names[:_MOST_COMPARED], n=1)
    return found[0] if found else ""


def _slips(name: str) -> Iterator[str]:
    """The name without one letter, and with two neighbours swapped."""
    for at in range(len(name) - 1, -1, -1):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A hint: the near name, else the first few that exist."""
    names = list(candidates)
    close = near(name, names)
    if close:
        return f"did you mean {shown(close)}?"
    if not names:
        return ""
    more = ", ..." if len(names) > _LISTED else ""
    return f"there is {', '.join(shown(n)[1:-1] for n in names[:_LISTED])}{more}"
