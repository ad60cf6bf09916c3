"""The Jinja environment of a pipeline file: immutable, strict, deterministic and bounded.

A template is data from a stranger. It can compute text from declared values and nothing else: no
methods, no clock, no randomness, no environment, no files but `prompts/`. What it may cost is
bounded by `meter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kinoform.spec.bounds import MAX_TEXT, fits, joined
from kinoform.spec.meter import Budget, filters
from kinoform.spec.missing import Missing, undefined_fault
from kinoform.spec.speech import Speaks, TemplateFault, as_text, noun

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import BaseLoader

MAX_BITS = 1_024
_REMOVED_FILTERS = ("random", "attr", "pprint", "xmlattr", "urlize", "filesizeformat", "tojson")
_REMOVED_GLOBALS = ("lipsum", "cycler", "joiner", "namespace")


def _is_none(value: Any) -> bool:
    """None, or what stands for the artifact of a skipped step."""
    return value is None or (isinstance(value, Speaks) and not value.exists())


class PromptEnvironment(ImmutableSandboxedEnvironment):
    """What every template of one pipeline is compiled in."""

    intercepted_binops = frozenset(["+", "*", "**", "%", "//"])
    concat = staticmethod(joined)

    def __init__(self, loader: BaseLoader | None = None) -> None:
        super().__init__(undefined=Missing, autoescape=False, loader=loader, finalize=as_text)
        self.tests["none"] = _is_none
        self.budget = Budget()
        self.globals["range"] = self.budget.range
        for name in _REMOVED_FILTERS:
            self.filters.pop(name, None)
        for name in _REMOVED_GLOBALS:
            self.globals.pop(name, None)
        self.filters = filters(self.filters, self.budget)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Keys first and never methods; an attribute of none is none (edges of a cut)."""
        if isinstance(obj, Speaks):
            return self._ask(obj, obj.get, attribute)
        return self.getitem(obj, attribute)

    def _ask(self, obj: Any, get: Callable[[str], Any], name: str) -> Any:
        try:
            return get(name)
        except KeyError:
            return self.undefined(obj=obj, name=name)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An item by key or number."""
        if obj is None:
            return None
        if isinstance(obj, Speaks):
            return self._ask(obj, obj.item, str(argument))
        return self._item(obj, argument)

    def _item(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            raise undefined_fault(obj._undefined_obj, str(obj._undefined_name))  # noqa: SLF001  (Jinja offers no other way)
        plain = isinstance(obj, Mapping) or (
            isinstance(obj, list | tuple | str) and isinstance(argument, int | slice)
        )
        if isinstance(argument, slice):
            self.budget.weigh(obj)
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
        self.budget.weigh(left)
        self.budget.weigh(right)
        return self.budget.weigh(fits(super().call_binop(context, operator, left, right)))

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call macros, `range`, `dict` and what we offer; nothing else is a function."""
        if isinstance(obj, Undefined):
            raise undefined_fault(obj._undefined_obj, str(obj._undefined_name))  # noqa: SLF001  (Jinja offers no other way)
        if not callable(obj):
            raise TemplateFault("template-failed", f"{noun(obj)} is no function", "leave out ()")
        return super().call(context, obj, *args, **kwargs)

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
    """The syntax tree with counted loops and comparisons, and bounded `~`."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = _filtered(loop.iter, "__turns")
    for comparison in list(tree.find_all(nodes.Compare)):
        comparison.expr = _filtered(comparison.expr, "__weigh")
        for operand in comparison.ops:
            operand.expr = _filtered(operand.expr, "__weigh")
    _swap_concats(tree)
    return tree


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


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
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "__concat")
    return node
