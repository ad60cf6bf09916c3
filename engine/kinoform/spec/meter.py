"""What a template may cost: counted work, bounded filters, capped sizes.

A sandbox alone lets `{{ 'a' * 10**9 }}` and nested loops through. Work is counted in turns: one
for each loop turn and item, one for every 64 characters that a filter or a comparison reads.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from typing import TYPE_CHECKING, Any

from jinja2 import pass_environment
from jinja2.filters import make_attrgetter
from jinja2.runtime import Undefined

from kinoform.spec.bounds import MAX_TEXT, fits, joined, too_large
from kinoform.spec.speech import TemplateFault, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MAX_TURNS = 100_000
MAX_TOTAL = 2_000_000
# Each render has so many turns that the file is not charged for: prompts of honest films.
_FREE = 50
_CHARS = 64
_MAX_PAD = 1_000
_WIDTH = re.compile(r"%[^a-zA-Z%]*?(\d{4,}|\*)")
_SCALAR = (str, int, float)
# Filters that make text of what they get: of a list they would write out every item.
_TEXTUAL = (
    *("upper", "lower", "capitalize", "title", "trim", "center", "indent", "wordwrap", "truncate"),
    *("replace", "escape", "e", "forceescape", "safe", "striptags", "urlencode", "wordcount"),
)
# Filters that take so many characters' time for each one: the rest take a 64th of that.
_SLOW = {"wordwrap": 1, "title": 8, "wordcount": 8, "striptags": 8, "urlencode": 8, "unique": 8}
# Filters with a number that decides how much they make.
_SIZED = ("center", "indent", "wordwrap", "batch", "slice", "round")


class Budget:
    """Turns left: for the render under way, and for the whole file."""

    def __init__(self) -> None:
        self.left, self.total = MAX_TURNS, MAX_TOTAL

    def refill(self) -> None:
        """A new render begins."""
        self.total -= max(0, MAX_TURNS - self.left - _FREE)
        self.left = MAX_TURNS

    def charge(self, turns: int) -> None:
        """Take turns off. Raises TemplateFault when none are left."""
        self.left -= turns
        if self.left < 0:
            self.left = 0
            raise TemplateFault("template-too-long", f"more than {MAX_TURNS:,} loop turns", _LESS)
        if MAX_TURNS - self.left - _FREE > self.total:
            self.total = 0
            raise self.exhausted()

    def exhausted(self) -> TemplateFault:
        """The fault of a file whose templates have used up everything."""
        said = f"the templates of this pipeline take more than {MAX_TOTAL:,} loop turns"
        return TemplateFault("template-too-long", said, _LESS)

    def weigh(self, value: Any) -> Any:
        """The value, its size charged."""
        if isinstance(value, str):
            self.charge(1 + len(value) // _CHARS)
        elif isinstance(value, Sized) and not isinstance(value, Undefined):
            self.charge(1 + len(value))
        return value

    def spend(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values, each charged as one turn."""
        for value in values:
            self.charge(1)
            yield value

    def range(self, *bounds: int) -> range:
        """Python's range, its length charged at once."""
        numbers = range(*bounds)
        self.charge(len(numbers))
        return numbers


_LESS = "a prompt needs a few: loop over less, or nest fewer loops"


def concat(parts: Iterable[Any]) -> str:
    """What `~` gives."""
    return joined(as_text(part) for part in parts)


@pass_environment
def _join(env: Any, values: Iterable[Any], d: Any = "", attribute: Any = None) -> str:
    """Jinja's own joins first and can be measured only after: by then the memory is gone."""
    if attribute is not None:
        values = map(make_attrgetter(env, attribute), values)
    between = as_text(d)
    return joined(x for n, v in enumerate(values) for x in ((between,) * (n > 0) + (as_text(v),)))


@pass_environment
def _sum(env: Any, values: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
    """Numbers only: lists added up grow with the square of their count."""
    if attribute is not None:
        values = map(make_attrgetter(env, attribute), values)
    total = start
    for value in (start, *values):
        if not isinstance(value, int | float):
            raise TemplateFault("template-failed", "sum adds numbers only", "use |join for text")
        total = total + value if value is not start else total
    return total


def _format(value: str, *args: Any) -> str:
    if _WIDTH.search(as_text(value)):
        raise TemplateFault("template-too-large", "a format width above 999")
    if sum(len(as_text(each)) for each in args) > MAX_TEXT:
        raise too_large()
    return str(fits(value % args))


def _replace(value: Any, old: str, new: str, count: int = -1) -> str:
    text = as_text(value)
    if text.count(as_text(old)) * len(as_text(new)) > MAX_TEXT:
        raise too_large()
    return str(fits(text.replace(as_text(old), as_text(new), count)))


def filters(own: Mapping[str, Callable[..., Any]], budget: Budget) -> dict[str, Any]:
    """Jinja's filters, each bounded by what it takes, what it gives, and what it costs."""
    named: dict[str, Callable[..., Any]] = {
        **own,
        "format": _format,
        "replace": _replace,
        "join": _join,
        "sum": _sum,
    }
    named["string"] = as_text
    made = {name: _bounded(name, function, budget) for name, function in named.items()}
    return made | {"__turns": budget.spend, "__concat": concat, "__weigh": budget.weigh}


def _bounded(name: str, function: Callable[..., Any], budget: Budget) -> Callable[..., Any]:
    mark = getattr(function, "jinja_pass_arg", None)
    first = 0 if mark is None else 1
    textual, sized, slow = name in _TEXTUAL, name in _SIZED, _SLOW.get(name, 0)

    def call(*args: Any, **kwargs: Any) -> Any:
        budget.charge(1)
        for value in args[first:]:
            budget.weigh(value)
            if slow and isinstance(value, str):
                budget.charge(len(value) // slow)
        if textual and not isinstance(args[first], _SCALAR):
            as_text(args[first])
        if sized and any(_wide(x) for x in (*args[first + 1 :], *kwargs.values())):
            raise TemplateFault("template-too-large", f"a width above {_MAX_PAD}")
        return fits(function(*args, **kwargs))

    if mark is not None:
        call.jinja_pass_arg = mark  # type: ignore[attr-defined]  # Jinja marks functions this way
    return call


def _wide(value: Any) -> bool:
    return abs(value) > _MAX_PAD if isinstance(value, int) else len(str(value)) > _MAX_PAD
