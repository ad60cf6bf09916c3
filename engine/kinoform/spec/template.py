"""Trees with templates in their leaves, compiled once per text and evaluated many times.

Two forms: `{{ … }}` inside text gives text; `${{ … }}` as the whole value keeps its type. Knows
nothing of steps: what names mean is the caller's context.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kinoform.spec.bounds import MAX_SOURCE, fits, too_large
from kinoform.spec.plain import Unsure, plain
from kinoform.spec.speech import CIRCLE, Broken, KnownLater, TemplateFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.spec.jinja import Context, Evaluate, Jinja

__all__ = ["Broken", "KnownLater", "Templates", "holds_template"]


def holds_template(text: str) -> bool:
    """Whether the text has anything for us to evaluate."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


class Templates:
    """Compiled leaves by text, in one environment. Unless `short`, Jinja evaluates all of them."""

    def __init__(self, read: Callable[[str], str], *, short: bool = True) -> None:
        self._short = short
        self._read = read
        self._memo: dict[str, Evaluate] = {}

    def leaf(self, text: str) -> Evaluate:
        """The compiled text. Raises TemplateFault for syntax, here and now."""
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self._compile(text)
        return known

    def _compile(self, text: str) -> Evaluate:
        if len(text) > MAX_SOURCE:
            raise too_large()
        if "_jinja" in vars(self):
            self._jinja.check()
        quick = plain(text) if self._short else None
        return self._jinja.compiled(text) if quick is None else self._either(quick, text)

    @cached_property
    def _jinja(self) -> Jinja:
        from kinoform.spec.jinja import Jinja  # noqa: PLC0415  (most films get by without it)

        return Jinja(self._read)

    def _either(self, quick: Evaluate, text: str) -> Evaluate:
        """The quick way; where that ends badly Jinja's, which is compiled only then."""
        slow: list[Evaluate] = []

        def evaluate(context: Context) -> Any:
            try:
                return fits(quick(context))
            except RecursionError:
                raise TemplateFault("template-too-long", CIRCLE) from None
            except Unsure:
                slow[:] = slow or [self._jinja.compiled(text)]
            return slow[0](context)

        return evaluate
