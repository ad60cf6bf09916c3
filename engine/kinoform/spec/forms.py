"""A step's `with` taken apart once: what is written out, and the texts that each instance fills.

Declarations that differ in their texts alone have one shape, so that 10,000 steps written out
one by one are as alike as 10,000 rows of a fan-out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kinoform.spec.artifacts import finished
from kinoform.spec.plain import step_in
from kinoform.spec.scope import normal
from kinoform.spec.speech import TemplateFault
from kinoform.spec.template import Broken, KnownLater, Templates, holds_template

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from kinoform.spec.columns import Rows
    from kinoform.spec.jinja import Evaluate

_TEXT = "text"


class Form:
    """A tree with its leaves of text beside it: the text itself, or what evaluates it.

    Raises TemplateFault for a template that cannot be compiled.
    """

    __slots__ = ("_leaves", "_texts", "_tree", "shape")

    def __init__(self, tree: Mapping[str, Any], templates: Templates) -> None:
        self._tree = tree
        self._leaves: list[str | Evaluate] = []
        self._texts: list[str] = []
        self.shape = self._take(tree, templates)

    def _take(self, tree: Any, templates: Templates) -> Hashable:
        """The shape of a part; its leaves are noted."""
        if isinstance(tree, str):
            self._texts.append(tree)
            self._leaves.append(_leaf(tree, templates))
            return _TEXT
        if isinstance(tree, dict):
            return dict, tuple([(key, self._take(item, templates)) for key, item in tree.items()])
        if isinstance(tree, list):
            return list, tuple([self._take(item, templates) for item in tree])
        return type(tree), tree

    def values(self, context: Callable[[], Mapping[str, Any]]) -> list[Any] | None:
        """What stands at each leaf, as it is sent; None where something is to be said of one."""
        leaves = self._leaves
        try:
            here = context()
            return [x if isinstance(x, str) else normal(finished(x(here))) for x in leaves]
        except (TemplateFault, KnownLater, Broken):
            return None

    def columns(self, rows: Rows) -> list[Sequence[Any]]:
        """The same for all rows at once, leaf by leaf; what stands in rows in doubt means nothing."""
        leaves = zip(self._leaves, self._texts, strict=True)
        return [[x] * len(rows) if isinstance(x, str) else rows.column(text) for x, text in leaves]

    def filled(self, values: Sequence[Any]) -> dict[str, Any]:
        """The tree with these values at its leaves."""
        made: dict[str, Any] = _filled(self._tree, iter(values))
        return made


def _leaf(text: str, templates: Templates) -> str | Evaluate:
    """A text as it is sent, or what evaluates it."""
    if not holds_template(text):
        return str(normal(text))
    step = step_in(text)
    if step:
        return partial(_taken, step, text, templates)
    return templates.leaf(text)


def _taken(step: str, text: str, templates: Templates, context: Mapping[str, Any]) -> Any:
    """The artifact of a step; what is to be said of another is said by the template."""
    try:
        return context["out"].whole(step)
    except KeyError:
        return templates.leaf(text)(context)


def _filled(tree: Any, values: Iterator[Any]) -> Any:
    if isinstance(tree, str):
        return next(values)
    if isinstance(tree, dict):
        return {key: _filled(item, values) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_filled(item, values) for item in tree]
    return tree
