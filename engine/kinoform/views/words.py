"""Small words that every view shares: counts, lengths, sizes, who an instance is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.core.types import Facts, Step

TIMES = "\N{MULTIPLICATION SIGN}"
_MINUTE = 60
_ONE_DIGIT = 10


def many(number: int, one: str, more: str = "") -> str:
    """`1 step`, `2 steps`; `more` where an s is not enough."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def lasted(seconds: float) -> str:
    """How long something took: `0.4 s`, `12 s`, `3 min 05 s`."""
    if seconds < _ONE_DIGIT:
        return f"{seconds:.1f} s"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest:02} s"


def size(facts: Facts) -> str:
    """`1360x768`, empty while unknown."""
    return f"{facts.width}x{facts.height}" if facts.width and facts.height else ""


def length(facts: Facts) -> str:
    """`5 s`, empty for a picture."""
    return f"{facts.seconds:g} s" if facts.seconds else ""


def expected(step: Step) -> str:
    """What a step will make, in few characters: `1360x768 5 s`, `1024x1024`, and how many."""
    if not step.expects:
        return ""
    first = " ".join(filter(None, (size(step.expects[0].facts), length(step.expects[0].facts))))
    return times(first, len(step.expects))


def times(what: str, number: int) -> str:
    """A thing and how many of it, the thing itself where there is one."""
    return f"{what} {TIMES} {number}" if what and number > 1 else what


def home(name: str) -> str:
    """The step that an id belongs to: `clip` for `clip@s010.last_frame`."""
    return name.partition("@")[0].partition(".")[0].partition("#")[0]


def listed(names: Iterable[str], limit: int = 4) -> str:
    """`a, b, c and 5 more`."""
    found: Sequence[str] = list(names)
    if len(found) <= limit:
        return ", ".join(found)
    return f"{', '.join(found[: limit - 1])} and {len(found) - limit + 1} more"


def squeezed(
    head: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[list[str], list[tuple[str, ...]]]:
    """The table without columns that say nothing; the first one stays."""
    columns = [*zip(*rows, strict=True)] or [()] * len(head)
    kept = [n for n, column in enumerate(columns) if not n or any(column)]
    return [head[n] for n in kept], [*zip(*(columns[n] for n in kept), strict=True)]


def field(path: str) -> str:
    """A path of a request as people know it: a draft's request is its brief."""
    return path.removeprefix("brief.")
