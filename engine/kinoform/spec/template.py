"""Trees with templates in their leaves, compiled once per text and evaluated many times.

Two forms: `{{ … }}` inside text gives text; `${{ … }}` as the whole value keeps its type. Knows
nothing of steps: what names mean is the caller's context.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import BaseLoader, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Undefined

from kinoform.spec.meter import MAX_TEXT, fits, too_large
from kinoform.spec.paths import path_fault
from kinoform.spec.plain import Unsure, plain
from kinoform.spec.sandbox import PromptEnvironment
from kinoform.spec.speech import TemplateFault, listed, undefined_fault
from kinoform.spec.tree import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment

    from kinoform.core.types import Ref

Context: TypeAlias = "Mapping[str, Any]"
Evaluate: TypeAlias = "Callable[[Context], Any]"
_FILES = ("<template>", "<unknown>")
_FOLDER = "prompts/"
# Source text: a template may be longer than what it gives, but Jinja reads 1 MB in a second.
_MAX_SOURCE = 4 * MAX_TEXT
_UNKNOWN = re.compile(r"No (filter|test) named '([^']*)'")


class KnownLater(Exception):  # noqa: N818  (not a fault: the value is known after run)
    """Evaluation met a fact of an artifact that only running will tell."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref
        super().__init__(ref.step)


class Broken(Exception):  # noqa: N818  (said already where it broke)
    """Evaluation met a value whose own fault has been reported."""


class Partials(BaseLoader):
    """`prompts/` of the project, for include and import; the names of nothing else load."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  (Jinja asks for it)
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Text of `prompts/<template>`. Raises TemplateNotFound."""
        path = f"{_FOLDER}{template}"
        if path_fault(template) or path_fault(path):
            raise TemplateNotFound(template)
        try:
            text = self._read(path)
        except (OSError, ValueError) as error:
            raise TemplateNotFound(template) from error
        if len(text) > _MAX_SOURCE:
            raise too_large()
        return text, path, None


def holds_template(text: str) -> bool:
    """Whether the text has anything for us to evaluate."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


class Templates:
    """Compiled leaves by text, in one environment. Unless `short`, Jinja evaluates all of them."""

    def __init__(self, read: Callable[[str], str], *, short: bool = True) -> None:
        self._short = short
        self._env = PromptEnvironment(Partials(read))
        self._memo: dict[str, Evaluate] = {}

    def leaf(self, text: str) -> Evaluate:
        """The compiled text. Raises TemplateFault for syntax, here and now."""
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self._compile(text)
        return known

    def _compile(self, text: str) -> Evaluate:
        if len(text) > _MAX_SOURCE:
            raise too_large()
        if self._env.budget.total <= 0:
            raise self._env.budget.exhausted()
        quick = plain(text) if self._short else None
        return self._in_full(text) if quick is None else self._either(quick, text)

    def _either(self, quick: Evaluate, text: str) -> Evaluate:
        """The quick way; where that ends badly Jinja's, which is compiled only then."""
        slow: list[Evaluate] = []

        def evaluate(context: Context) -> Any:
            try:
                return fits(quick(context))
            except RecursionError:
                raise TemplateFault("template-too-long", _CIRCLE) from None
            except Unsure:
                slow[:] = slow or [self._in_full(text)]
            return slow[0](context)

        return evaluate

    def _in_full(self, text: str) -> Evaluate:
        if "${{" in text:
            return self._value(text)
        try:
            render = self._env.from_string(text).render
        except TemplateSyntaxError as error:
            raise self._syntax(error) from error
        except RecursionError:
            raise TemplateFault("template-too-long", _TOO_DEEP) from None

        def evaluate(context: Context) -> Any:
            return self._guarded(lambda: render(context), context)

        return evaluate

    def _value(self, text: str) -> Evaluate:
        bare = text.strip()
        inner = bare[3:-2]
        if not (bare.startswith("${{") and bare.endswith("}}")):
            raise TemplateFault("mixed-template", "${{ }} must be the whole value", _MIXED)
        try:
            expression = self._env.compile_expression(inner, undefined_to_none=False)
        except TemplateSyntaxError as error:
            if "${{" in inner or "{{" in inner:
                raise TemplateFault(
                    "mixed-template", "${{ }} must be the whole value", _MIXED
                ) from error
            raise self._syntax(error) from error
        except RecursionError:
            raise TemplateFault("template-too-long", _TOO_DEEP) from None

        def evaluate(context: Context) -> Any:
            return self._guarded(lambda: _defined(expression(**context)), context)

        return evaluate

    def _guarded(self, call: Callable[[], Any], context: Context) -> Any:
        """Run one evaluation; every way in which it can fail becomes a TemplateFault."""
        self._env.budget.refill()
        try:
            result = call()
        except (KnownLater, Broken):
            raise
        except TemplateFault as fault:
            raise _placed(_named(fault, context), fault) from None
        except TemplateNotFound as error:
            said = f"there is no partial {shown(error.name)}"
            raise TemplateFault("no-such-partial", said, _PARTIALS) from None
        except TemplateSyntaxError as error:
            raise self._syntax(error) from None
        except RecursionError:
            raise TemplateFault("template-too-long", _CIRCLE) from None
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise _placed(TemplateFault("template-failed", str(error)), error) from None
        return fits(result)

    def _syntax(self, error: TemplateSyntaxError) -> TemplateFault:
        unknown = _UNKNOWN.match(str(error.message))
        hint = ""
        if unknown:
            table = self._env.filters if unknown[1] == "filter" else self._env.tests
            known = (name for name in table if not name.startswith("__"))
            hint = listed(unknown[2], known)
        elif "end of template" in str(error.message):
            hint = "an expression stands between the braces, and each {{ and {% is closed"
        fault = TemplateFault("template-syntax", str(error.message), hint, error.lineno)
        fault.partial = error.name or ""
        return fault


_PARTIALS = "partials are text files in prompts/, named from there: {% include 'look.j2' %}"
_TOO_DEEP = "parts nested too deep, or a value made from others over too many steps"
_CIRCLE = "templates that call each other"
_MIXED = "use {{ }} inside text, or move the text into the expression: ${{ 'a ' ~ x }}"


def _defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        raise undefined_fault(value._undefined_obj, str(value._undefined_name))  # noqa: SLF001  (Jinja offers no other way)
    return value


def _named(fault: TemplateFault, context: Context) -> TemplateFault:
    if fault.code == "undefined-name" and not fault.hint:
        fault.hint = f"names here: {', '.join(sorted(context))}"
    return fault


def _placed(fault: TemplateFault, error: BaseException) -> TemplateFault:
    """The fault with the template line that was being evaluated; Jinja rewrites tracebacks so."""
    frame = error.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if file in _FILES or file.startswith(_FOLDER):
            fault.line = frame.tb_lineno
            fault.partial = "" if file in _FILES else file.removeprefix(_FOLDER)
        frame = frame.tb_next
    return fault
