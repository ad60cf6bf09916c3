"""The Jinja environment of a pipeline file: immutable, strict, deterministic and bounded.

A template is data from a stranger. It can compute text from declared values and nothing else: no
methods, no clock, no randomness, no environment, no files but `prompts/`. Work is counted (loop
turns) and sizes are capped where Jinja could grow them, because a sandbox alone lets
`{{ 'a' * 10**9 }}` and nested loops through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import StrictUndefined, nodes
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2 import BaseLoader

MAX_TEXT = 64 * 1024
MAX_TURNS = 100_000
MAX_TOTAL = 2_000_000
MAX_BITS = 1_024
_MAX_PAD = 1_000
_REMOVED_FILTERS = ("random", "attr", "pprint", "xmlattr", "urlize", "filesizeformat", "tojson")
_REMOVED_GLOBALS = ("lipsum", "cycler", "joiner", "namespace")
_WIDTH = re.compile(r"%[^a-zA-Z%]*?(\d{4,}|\*)")


class TemplateFault(Exception):  # noqa: N818  (becomes a located Problem where the text stands)
    """A template that cannot be evaluated: code, sentence, fix, and the template line if known."""

    def __init__(self, code: str, message: str, hint: str = "", line: int = 0) -> None:
        self.code, self.message, self.hint, self.line = code, message, hint, line
        super().__init__(message)


class Speaks:
    """Base of the values of ours that templates may look into.

    A base class and no protocol: the question is asked at every attribute of every prompt.
    """

    __slots__ = ()

    def get(self, name: str) -> Any:
        """The attribute. Raises KeyError when there is none."""
        raise KeyError(name)

    def names(self) -> Iterable[str]:
        """What `get` knows, for near names."""
        return ()

    def exists(self) -> bool:
        """False for what stands for none."""
        return True


class Missing(StrictUndefined):
    """An undefined value that says what is near."""

    def _fail_with_undefined_error(self, *_args: Any, **_kwargs: Any) -> Any:
        raise undefined_fault(self._undefined_obj, str(self._undefined_name))


# Whatever is done to a missing value says the same; Jinja's own table calls its base method.
for _method in (
    *("__str__", "__iter__", "__len__", "__bool__", "__eq__", "__ne__", "__hash__"),
    *("__contains__", "__call__", "__getitem__", "__int__", "__float__", "__neg__", "__pos__"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__pow__", "__rpow__"),
    *("__truediv__", "__rtruediv__", "__floordiv__", "__rfloordiv__", "__mod__", "__rmod__"),
    *("__lt__", "__le__", "__gt__", "__ge__"),
):
    setattr(Missing, _method, Missing._fail_with_undefined_error)  # noqa: SLF001  (own class)


def undefined_fault(owner: Any, name: str) -> TemplateFault:
    """The error for a name that is not there, with the near ones."""
    known = _known_names(owner)
    if owner is missing:
        return TemplateFault("undefined-name", f"{name!r} is not defined here")
    near = get_close_matches(name, known, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else _listing(known)
    return TemplateFault("undefined-name", f"{name!r} is not defined here", hint)


def _known_names(owner: Any) -> list[str]:
    if isinstance(owner, Speaks):
        return sorted(map(str, owner.names()))
    return sorted(map(str, owner)) if isinstance(owner, Mapping) else []


def _listing(known: list[str]) -> str:
    return f"known: {', '.join(known[:12])}" if known else "text has no attributes: use a filter"


class Budget:
    """Loop turns left: for the render under way, and for the whole file."""

    def __init__(self) -> None:
        self.left, self.total = MAX_TURNS, MAX_TOTAL

    def refill(self) -> None:
        """A new render begins."""
        self.total -= MAX_TURNS - self.left
        self.left = min(MAX_TURNS, self.total)

    def charge(self, turns: int) -> None:
        """Take turns off. Raises TemplateFault when none are left."""
        self.left -= turns
        if self.left < 0:
            raise TemplateFault("template-too-long", f"more than {MAX_TURNS} loop turns")

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


def _fits(text: Any) -> Any:
    if isinstance(text, str) and len(text) > MAX_TEXT:
        raise TemplateFault("template-too-large", f"more than {MAX_TEXT // 1024} KB of text")
    return text


def _joined(parts: Iterable[Any]) -> str:
    pieces, size = [], 0
    for part in parts:
        piece = str(part)
        size += len(piece)
        if size > MAX_TEXT:
            _fits("x" * (MAX_TEXT + 1))
        pieces.append(piece)
    return "".join(pieces)


def _is_none(value: Any) -> bool:
    """None, or what stands for the artifact of a skipped step."""
    return value is None or (isinstance(value, Speaks) and not value.exists())


def _concat(parts: Iterable[Any]) -> str:
    return _joined(as_text(part) for part in parts)


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that takes no huge number and gives no huge text."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, int) and abs(x) > _MAX_PAD for x in (*args[-3:], *kwargs.values())):
            raise TemplateFault("template-too-large", f"a width above {_MAX_PAD}")
        return _fits(function(*args, **kwargs))

    return _marked_like(call, function)


def _marked_like(call: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep Jinja's mark that asks for the context, environment or evaluation context first."""
    mark = getattr(function, "jinja_pass_arg", None)
    if mark is not None:
        call.jinja_pass_arg = mark  # type: ignore[attr-defined]  # Jinja marks functions this way
    return call


def _format(value: str, *args: Any) -> str:
    if _WIDTH.search(value):
        raise TemplateFault("template-too-large", "a format width above 999")
    return str(_fits(value % args))


def _replace(value: str, old: str, new: str, count: int = -1) -> str:
    if value.count(old) * len(new) > MAX_TEXT:
        _fits("x" * (MAX_TEXT + 1))
    return str(_fits(value.replace(old, new, count)))


class PromptEnvironment(ImmutableSandboxedEnvironment):
    """What every template of one pipeline is compiled in."""

    intercepted_binops = frozenset(["+", "*", "**", "%", "//"])
    concat = staticmethod(_joined)
    _LIMITED: ClassVar = ("center", "indent", "wordwrap", "join", "truncate", "batch", "slice")

    def __init__(self, loader: BaseLoader | None = None) -> None:
        super().__init__(undefined=Missing, autoescape=False, loader=loader, finalize=as_text)
        self.tests["none"] = _is_none
        self.budget = Budget()
        self.globals["range"] = self.budget.range
        for name in _REMOVED_FILTERS:
            self.filters.pop(name, None)
        for name in _REMOVED_GLOBALS:
            self.globals.pop(name, None)
        self.filters |= {name: _bounded(self.filters[name]) for name in self._LIMITED}
        self.filters.update(format=_format, replace=_replace, string=as_text)
        self.filters |= {"__turns": self.budget.spend, "__concat": _concat}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Keys first and never methods; an attribute of none is none (edges of a cut)."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An item by key or number."""
        if obj is None:
            return None
        if isinstance(obj, Speaks):
            try:
                return obj.get(argument if isinstance(argument, str) else str(argument))
            except KeyError:
                return self.undefined(obj=obj, name=argument)
        return self._item(obj, argument)

    def _item(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            raise undefined_fault(obj._undefined_obj, str(obj._undefined_name))  # noqa: SLF001  (Jinja offers no other way)
        plain = isinstance(obj, Mapping) or (
            isinstance(obj, list | tuple | str) and isinstance(argument, int | slice)
        )
        try:
            return obj[argument] if plain else self.undefined(obj=obj, name=argument)
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic whose result cannot be huge."""
        if operator == "%" and isinstance(left, str):
            raise TemplateFault("template-forbidden", "text % values is not offered", "use |format")
        if operator in ("+", "*", "**") and _too_big(operator, left, right):
            raise TemplateFault("template-too-large", f"{operator} gives too large a value")
        return _fits(super().call_binop(context, operator, left, right))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _counted(super()._parse(source, name, filename))


def _too_big(operator: str, left: Any, right: Any) -> bool:
    if operator == "+":
        return _size(left) + _size(right) > MAX_TEXT
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if operator == "**":
        return not numbers or abs(right) > 64 or (isinstance(left, int) and left.bit_length() > 64)  # noqa: PLR2004  (64 bits each)
    if numbers:
        return any(isinstance(x, int) and x.bit_length() > MAX_BITS for x in (left, right))
    sized, times = (left, right) if hasattr(left, "__len__") else (right, left)
    return isinstance(times, int) and hasattr(sized, "__len__") and len(sized) * times > MAX_TEXT


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _counted(tree: nodes.Template) -> nodes.Template:
    """The syntax tree with counted loops and bounded `~`."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, "__turns", [], [], None, None, lineno=loop.lineno)
    _swap_concats(tree)
    return tree


def _swap_concats(node: nodes.Node) -> None:
    for name in node.fields:
        value = getattr(node, name, None)
        if isinstance(value, nodes.Node):
            setattr(node, name, _swapped(value))
        elif isinstance(value, list):
            setattr(node, name, [_swapped(v) if isinstance(v, nodes.Node) else v for v in value])


def _swapped(node: nodes.Node) -> nodes.Node:
    _swap_concats(node)
    if isinstance(node, nodes.Concat):
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "__concat", [], [], None, None, lineno=node.lineno)
    return node


def as_text(value: Any) -> Any:
    """What stands in text for a value. Scalars only: none, maps and artifacts are errors."""
    if isinstance(value, str):
        return value
    if value is None:
        raise TemplateFault("none-in-text", "a value in this text is none", _NONE_HINT)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Undefined):
        return str(value)
    raise TemplateFault("not-text", f"{_kind(value)} cannot stand in text", _TEXT_HINT)


_NONE_HINT = "give it a fallback, {{ x or '' }}, or ask first: {% if x %}…{% endif %}"
_TEXT_HINT = "name one of its fields, join a list with |join(', '), pass artifacts as ${{ … }}"


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, list | tuple) else f"this ({type(value).__name__})"
